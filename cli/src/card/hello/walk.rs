//! The six steps, from an access token to a card that testers can take.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, anyhow};
use bytes::Bytes;
use serde::Serialize;
use serde_json::value::RawValue;
use serde_json::{Value, json};
use wxgate_media::{Claim, MediaType};
use wxgate_wechat::card::with_logo;
use wxgate_wechat::{CardDraft, Endpoint, UnfitFile, UploadError, UploadFile, WeChat};

use super::notes::Notes;
use super::picture;
use crate::card::busy::{Failed, patiently};
use crate::card::deadline;
use crate::output::{Output, Shown, sentence};

/// The steps in their order.
const STEPS: [&str; 6] = ["access token", "logo", "card", "QR code", "picture of the QR code", "testers"];

/// The step that a card which is not approved keeps waiting, and the one for which it is needed.
const QRCODE: usize = 4;
const PICTURE: usize = 5;

/// WeChat's number for a card that is not approved yet.
const NOT_APPROVED: i64 = 40107;

/// The first bytes of a file, by which its type is decided.
const START: usize = 512;

/// What a walk is with.
#[derive(Debug)]
pub(super) struct Baggage {
    pub(super) app_id: String,
    pub(super) logo: Bytes,
    pub(super) card: String,
    pub(super) testers: Vec<String>,
    pub(super) usernames: Vec<String>,
    pub(super) code: Option<String>,
    pub(super) picture: PathBuf,
}

/// A walk on its way.
pub(super) struct Walk<'w> {
    pub(super) wechat: &'w WeChat,
    pub(super) baggage: &'w Baggage,
    pub(super) notes: Notes,
    pub(super) output: Output,
}

/// What came of a step: WeChat's answer, or that it was done before.
type Answered = Result<Box<RawValue>, Failed>;

impl Walk<'_> {
    /// Does what is not done yet; answers the card's id. A card that WeChat has yet to approve gets its testers
    /// all the same, who are there to take it meanwhile.
    ///
    /// # Errors
    /// When a step cannot be done: says which, what WeChat answered and what to change.
    pub(super) async fn walk(mut self) -> anyhow::Result<String> {
        let (mut told, mut waiting) = (Vec::new(), None);
        for (number, title) in (1..).zip(STEPS) {
            if number == PICTURE && waiting.is_some() {
                continue;
            }
            self.output.say(&format!("{number} of {}  {title}", STEPS.len()))?;
            let answer = match self.step(number).await {
                Ok(answer) => answer,
                Err(failed) if number == QRCODE && failed.errcode == Some(NOT_APPROVED) => {
                    self.output.say(&format!("        {}", sentence(&failed.error)))?;
                    waiting = Some(failed.error);
                    continue;
                }
                Err(failed) => return Err(self.stopped(number, &failed.error)),
            };
            self.notes.keep()?;
            self.output.say(&format!("        {}", told_of(&answer)))?;
            told.push(Step { number, title, answer });
        }
        if let Some(error) = waiting {
            return Err(self.stopped(QRCODE, &error));
        }
        let card_id = self.notes.done.card_id.clone().context("there is no card")?;
        self.output.show(&Arrived {
            card_id: card_id.clone(),
            qrcode_url: self.notes.done.qrcode_url.unwrap_or_default(),
            picture: self.baggage.picture.clone(),
            steps: told,
        })?;
        Ok(card_id)
    }

    async fn step(&mut self, number: usize) -> Answered {
        match number {
            1 => self.token().await,
            2 => self.logo().await,
            3 => self.card().await,
            QRCODE => self.qrcode().await,
            PICTURE => self.picture().await,
            _ => self.testers().await,
        }
    }

    async fn token(&self) -> Answered {
        self.does("gets the app's access token, with which all the rest is asked")?;
        let ask = async || self.wechat.access_token(&self.baggage.app_id, deadline()).await;
        patiently(self.output, ask).await?;
        raw(&"there is one, shared with the gateway")
    }

    async fn logo(&mut self) -> Answered {
        if let Some(url) = &self.notes.done.logo_url {
            self.does("uploaded it before")?;
            return raw(&json!({ "url": url }));
        }
        self.does("uploads the merchant's logo (media/uploadimg), which stays at WeChat")?;
        let bytes = self.baggage.logo.clone();
        let media = MediaType::decide(&bytes[..bytes.len().min(START)], &Claim::default());
        let name = format!("logo.{}", media.extension);
        let file = UploadFile { name: &name, content_type: media.mime, bytes };
        let ask = async || match self.wechat.upload_image(&self.baggage.app_id, &file, deadline()).await {
            Ok(url) => Ok(Ok(url)),
            Err(UploadError::Unfit(unfit)) => Ok(Err(unfit)),
            Err(UploadError::WeChat(error)) => Err(error),
        };
        let url = patiently(self.output, ask).await?.map_err(|unfit| unfit_logo(&unfit))?;
        self.notes.done.logo_url = Some(url.clone());
        raw(&json!({ "url": url }))
    }

    async fn card(&mut self) -> Answered {
        if let Some(card_id) = &self.notes.done.card_id {
            self.does("made it before")?;
            return raw(&json!({ "card_id": card_id }));
        }
        if self.notes.done.card_in_doubt {
            return Err(anyhow!("an earlier walk asked for this card and had no answer").into());
        }
        self.does("puts the logo in and makes the card (card/create); WeChat will review it")?;
        let logo_url = self.notes.done.logo_url.as_deref().unwrap_or_default();
        let card = with_logo(&self.baggage.card, logo_url).map_err(|flaw| wrong_card(&flaw))?;
        let draft = CardDraft::read(&card).map_err(|flaw| wrong_card(&flaw))?;
        for doubt in draft.doubts() {
            self.output.say(&format!("        WeChat may refuse: {doubt}"))?;
        }
        // Noted ahead, since nobody may be there any more to note it afterwards.
        self.notes.done.card_in_doubt = true;
        self.notes.keep()?;
        let asked = self.ask(Endpoint::CreateCard, draft.body().to_owned()).await;
        if asked.as_ref().is_err_and(|failed| !failed.in_doubt) {
            self.notes.done.card_in_doubt = false;
            self.notes.keep()?;
        }
        // The doubt ends with the id, in one writing.
        let answer = asked?;
        self.notes.done.card_id = Some(text(&answer, "card_id")?);
        self.notes.done.card_in_doubt = false;
        self.notes.keep()?;
        raw(&answer)
    }

    async fn qrcode(&mut self) -> Answered {
        let card = self.handed_out();
        if let (Some(ticket), true) =
            (&self.notes.done.ticket, self.notes.done.handed_out.as_ref() == Some(&card))
        {
            self.does("made it before")?;
            return raw(&json!({ "ticket": ticket }));
        }
        self.does("makes a QR code by which the card is taken (card/qrcode/create)")?;
        let body = json!({ "action_name": "QR_CARD", "action_info": { "card": card } });
        let answer = self.ask(Endpoint::CreateCardQrCode, body.to_string()).await?;
        self.notes.done.handed_out = Some(card);
        self.notes.done.ticket = Some(text(&answer, "ticket")?);
        self.notes.done.qrcode_url = Some(text(&answer, "url")?);
        raw(&answer)
    }

    /// What the QR code is for, as WeChat wants it described.
    fn handed_out(&self) -> Value {
        let mut card = json!({ "card_id": self.notes.done.card_id });
        if let Some(code) = &self.baggage.code {
            card["code"] = json!(code);
        }
        if let (true, Some(tester)) = (is_bound(&self.baggage.card), self.baggage.testers.first()) {
            card["openid"] = json!(tester);
        }
        card
    }

    async fn picture(&mut self) -> Answered {
        self.does("fetches WeChat's picture of it (showqrcode), saves it as it comes and draws it")?;
        let ticket = self.notes.done.ticket.as_deref().unwrap_or_default();
        let picture = match picture::fetch(self.wechat, ticket).await {
            Ok(picture) => picture,
            Err(error) => {
                // The next walk makes a new one.
                (self.notes.done.ticket, self.notes.done.qrcode_url) = (None, None);
                self.notes.keep()?;
                return Err(error.into());
            }
        };
        let path = &self.baggage.picture;
        let kept = tokio::fs::write(path, &picture).await;
        kept.with_context(|| format!("{} cannot be written: name another with --picture", path.display()))?;
        let drawn = picture::draw(self.notes.done.qrcode_url.as_deref().unwrap_or_default())?;
        self.output.say(&format!("\n{drawn}\n"))?;
        raw(&format!("saved as {}, {} bytes", path.display(), picture.len()))
    }

    async fn testers(&mut self) -> Answered {
        let Baggage { testers, usernames, .. } = self.baggage;
        if testers.is_empty() && usernames.is_empty() {
            self.does("has nobody to name: say --tester OPENID or --tester-username NAME")?;
            return raw(&"WeChat was not asked: the list is as it was");
        }
        self.does("says who may take the card before it is approved (card/testwhitelist/set)")?;
        // WeChat is told nothing of a list that was not given.
        let lists = [("openid", testers), ("username", usernames)];
        let given = lists.into_iter().filter(|(_, list)| !list.is_empty());
        let body: Value = given.map(|(name, list)| (name, list.clone())).collect();
        raw(&self.ask(Endpoint::SetCardTesters, body.to_string()).await?)
    }

    fn does(&self, what: &str) -> anyhow::Result<()> {
        self.output.say(&format!("        {what}"))
    }

    /// WeChat's answer, unless it refuses.
    async fn ask(&self, endpoint: Endpoint, body: String) -> Result<Value, Failed> {
        let (app_id, body) = (self.baggage.app_id.as_str(), Bytes::from(body));
        let ask = async || self.wechat.ask_json(app_id, endpoint, body.clone(), deadline()).await;
        Ok(Value::Object(patiently(self.output, ask).await?.fields().clone()))
    }

    fn stopped(&self, number: usize, error: &anyhow::Error) -> anyhow::Error {
        let step = format!("step {number} of {} ({}): {}", STEPS.len(), STEPS[number - 1], sentence(error));
        let Some(file) = self.notes.file().map(Path::display) else { return anyhow!(step) };
        if self.notes.done.card_in_doubt && self.notes.done.card_id.is_none() {
            anyhow!(
                "{step}\nso the card may be there: look into WeChat's console, and either note its id as \"card_id\" \
                 in {file}, or say --anew to make another"
            )
        } else {
            anyhow!("{step}\n{file} notes how far it came: the same command goes on from there")
        }
    }
}

/// An answer in one line: what is text alone is of our own.
fn told_of(answer: &RawValue) -> String {
    serde_json::from_str(answer.get()).unwrap_or_else(|_| format!("answered: {}", answer.get()))
}

fn unfit_logo(unfit: &UnfitFile) -> anyhow::Error {
    match unfit {
        UnfitFile::WrongType { accepted } => {
            anyhow!("the logo is not fit: by its content it is none of these: {accepted}")
        }
        other => anyhow!("the logo is not fit: {other}"),
    }
}

fn wrong_card(flaw: &wxgate_wechat::Flaw) -> anyhow::Error {
    anyhow!("{flaw}: correct it in the card's file")
}

/// Whether the card is for users that are named alone.
fn is_bound(card: &str) -> bool {
    let card: Value = serde_json::from_str(card).unwrap_or_default();
    let parts = card["card"].as_object().into_iter().flat_map(|card| card.values());
    parts.into_iter().any(|part| part["base_info"]["bind_openid"] == true)
}

fn text(answer: &Value, name: &str) -> anyhow::Result<String> {
    let text = answer[name].as_str().with_context(|| format!("WeChat's answer has no {name}"))?;
    Ok(text.to_owned())
}

fn raw(answer: &impl Serialize) -> Answered {
    Ok(serde_json::value::to_raw_value(answer).map_err(anyhow::Error::from)?)
}

/// What became of a step.
#[derive(Debug, Serialize)]
struct Step {
    number: usize,
    title: &'static str,
    answer: Box<RawValue>,
}

/// The end of a walk.
#[derive(Debug, Serialize)]
struct Arrived {
    card_id: String,
    qrcode_url: String,
    picture: PathBuf,
    steps: Vec<Step>,
}

impl Shown for Arrived {
    fn text(&self) -> String {
        format!(
            "\nCard {} can be taken: let a tester scan the code above, or {}.\nEverybody else can once WeChat has \
             approved it.",
            self.card_id,
            self.picture.display()
        )
    }
}
