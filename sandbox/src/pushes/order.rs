//! A push that is ordered over the controls.

use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::address::{ORIGINAL_ID, PushMode, destination};
use super::sealed::{Letter, Manner};
use super::xml::{document, is_name};
use crate::apps::{APP_ID, App};
use crate::custom::Contact;
use crate::refused::Refused;
use crate::state::State;

/// Pushes of one order.
const MOST_TIMES: u32 = 100;
/// Longest delay, and longest wait for an answer: an hour.
const LONGEST_MS: u64 = 3_600_000;
/// Events by which a user makes contact.
const CONTACTS: &[&str] = &["CLICK", "subscribe", "SCAN", "scancode_push", "scancode_waitmsg"];

/// What is to be pushed to an app's address. Whatever is left out has the value that is named.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct PushOrder {
    /// The app; the ready-made one.
    pub app: String,
    /// The user that it comes from; the app's visitor.
    pub from: Option<String>,
    /// The event; none: a message, whose `MsgType` is among the fields.
    pub event: Option<String>,
    /// Further elements, in this order; one that is set anyhow (`CreateTime`, `FromUserName`)
    /// replaces that. A number is written as it is, a text as CDATA, an object as an element with
    /// elements in it.
    pub fields: Map<String, Value>,
    /// The whole document as it is, instead of all of that.
    pub xml: Option<String>,
    /// How the body is sent; as the app's address is set.
    pub mode: Option<PushMode>,
    /// Signed with a token that the receiver does not know.
    pub wrong_signature: bool,
    /// So many pushes of the same; 1.
    pub times: u32,
    /// So many milliseconds of real time from now; 0.
    pub delay_ms: u64,
    /// How long an answer is waited for, in milliseconds of real time; 5000, as documented.
    pub answer_within_ms: u64,
}

impl Default for PushOrder {
    fn default() -> Self {
        Self {
            app: APP_ID.to_owned(),
            from: None,
            event: None,
            fields: Map::new(),
            xml: None,
            mode: None,
            wrong_signature: false,
            times: 1,
            delay_ms: 0,
            answer_within_ms: Manner::default().answer_within_ms,
        }
    }
}

impl PushOrder {
    fn check(&self) -> Result<(), Refused> {
        let sentence = if !(1..=MOST_TIMES).contains(&self.times) {
            format!("times lies between 1 and {MOST_TIMES}")
        } else if self.delay_ms > LONGEST_MS || !(1..=LONGEST_MS).contains(&self.answer_within_ms) {
            "delay_ms and answer_within_ms are an hour at most".to_owned()
        } else if let Some(name) = self.fields.keys().find(|name| !is_name(name)) {
            format!("fields: no element can be called '{name}'")
        } else if self.xml.is_none() && self.event.is_none() && !self.fields.contains_key("MsgType") {
            "say an event, xml, or fields with a MsgType".to_owned()
        } else {
            return Ok(());
        };
        Err(Refused::script(sentence))
    }

    fn letter(&self, app: &App, state: &State) -> Letter {
        let openid = self.from.clone().unwrap_or_else(|| app.visitor.clone());
        let message = self.fields.get("MsgType").and_then(Value::as_str);
        let what = self.event.as_deref().or(message).unwrap_or("xml").to_owned();
        let xml = self.xml.clone().unwrap_or_else(|| document(&self.elements(app, &openid, state)));
        Letter { app: app.app_id.clone(), what, openid: Some(openid), xml }
    }

    fn elements(&self, app: &App, openid: &str, state: &State) -> Map<String, Value> {
        let mut elements = head(app, openid, state.clock.now() / 1000);
        if let Some(event) = &self.event {
            elements.insert("MsgType".to_owned(), "event".into());
            elements.insert("Event".to_owned(), event.as_str().into());
        } else {
            let id: u64 = state.chance.digits(18).parse().unwrap_or_default();
            elements.insert("MsgId".to_owned(), id.into());
        }
        elements.extend(self.fields.clone());
        elements
    }
}

/// The elements that every push to an account begins with.
pub(super) fn head(app: &App, openid: &str, now_s: i64) -> Map<String, Value> {
    let to = app.push.as_ref().map_or(ORIGINAL_ID, |target| target.original_id.as_str());
    let head = json!({"ToUserName": to, "FromUserName": openid, "CreateTime": now_s});
    head.as_object().cloned().unwrap_or_default()
}

/// Whether a user who did this may be answered for a while, and as what it counts.
pub(crate) fn opens_window(order: &PushOrder) -> Option<Contact> {
    match &order.event {
        Some(event) => CONTACTS.contains(&event.as_str()).then_some(Contact::Action),
        None => order.fields.contains_key("MsgType").then_some(Contact::Message),
    }
}

/// Lets an order's pushes go and answers their numbers.
pub(crate) fn push_order(state: &State, app: &App, order: &PushOrder) -> Result<Vec<u64>, Refused> {
    order.check()?;
    let no_address =
        || Refused::script(format!("app {} has no address for pushes: set its push", app.app_id));
    let address = destination(state, app).ok_or_else(no_address)?;
    if order.mode.is_some_and(|mode| mode != PushMode::Plain) && address.key.is_none() {
        return Err(Refused::script("push.aes_key is needed in this mode"));
    }
    let letter = order.letter(app, state);
    let manner = Manner {
        mode: order.mode,
        wrong_signature: order.wrong_signature,
        delay_ms: order.delay_ms,
        answer_within_ms: order.answer_within_ms,
    };
    let push = |_| state.pushes.push(state, letter.clone(), &address, manner.clone());
    Ok((0..order.times).map(push).collect())
}
