//! What one app is: its secret, its users, its templates, its limits and its switches.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use serde::{Deserialize, Serialize};

use super::quota;
use super::ready_made::FIRST_USER;
use crate::pushes::{PushTarget, Receipts};
use crate::refused::Refused;

/// Longest id of an app, template or user that the sandbox registers, in bytes.
const LONGEST_ID: usize = 128;
/// Longest life of a token that can be set, in seconds: a week.
const LONGEST_TOKEN_LIFE_S: u32 = 7 * 86_400;

/// One WeChat app of the sandbox. Whatever is left out has WeChat's value, or nothing in it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct App {
    /// The appid.
    pub app_id: String,
    /// The appsecret. Invented, like everything here, and therefore shown.
    pub secret: String,
    /// Addresses that may fetch tokens (others: 40164); none: everybody may.
    #[serde(default)]
    pub ip_whitelist: Option<BTreeSet<IpAddr>>,
    /// How long a new token lives, in seconds; WeChat's documented value is 7200.
    #[serde(default = "documented_token_life")]
    pub token_lifetime_s: u32,
    /// What may be called how often, by path; for paths not named here WeChat's documented daily
    /// quotas hold.
    #[serde(default)]
    pub limits: BTreeMap<String, Limit>,
    /// Messages that one user may get in a minute (beyond: 43117); none: as many as one likes.
    /// WeChat's own limit is not published.
    #[serde(default)]
    pub per_user_per_minute: Option<u32>,
    /// The templates by id.
    #[serde(default)]
    pub templates: BTreeMap<String, Template>,
    /// The openids that follow the app.
    #[serde(default)]
    pub subscribers: BTreeSet<String>,
    /// Openids that the app knows and that do not follow it (43004).
    #[serde(default)]
    pub unfollowers: BTreeSet<String>,
    /// What a repeated `client_msg_id` is answered with.
    #[serde(default)]
    pub duplicate_answer: DuplicateAnswer,
    /// Whether a body with `\uXXXX` escapes is refused (40033).
    #[serde(default)]
    pub refuse_unicode_escapes: bool,
    /// Whether cards are approved as soon as they are created, rather than over the controls.
    #[serde(default)]
    pub approves_cards: bool,
    /// Whether customer-service messages go only to users who made contact lately (45015, 45047).
    #[serde(default)]
    pub reply_window: bool,
    /// The hosts that web logins may lead back to (others: page error 10003); none: any.
    #[serde(default)]
    pub web_domains: Option<BTreeSet<String>>,
    /// The openid of whoever opens the app's login page.
    #[serde(default = "first_user")]
    pub visitor: String,
    /// Where messages and events are pushed to; none: nowhere, or to the platform that the app
    /// authorised.
    #[serde(default)]
    pub push: Option<PushTarget>,
    /// The event that tells what became of a template message.
    #[serde(default)]
    pub receipts: Receipts,
}

/// How often something may be called; `None` means without limit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Limit {
    /// Calls from one midnight in Asia/Shanghai to the next (beyond: 45009).
    #[serde(default)]
    pub per_day: Option<u32>,
    /// Calls in one minute of the clock (beyond: 45011).
    #[serde(default)]
    pub per_minute: Option<u32>,
}

/// A message template.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Template {
    /// The placeholders that a message must fill; none: the template takes whatever comes.
    #[serde(default)]
    pub fields: Option<BTreeSet<String>>,
}

/// What WeChat answers to a repeated `client_msg_id` is documented nowhere: these are the likely
/// ways, and a client should take each of them as 'sent already'.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum DuplicateAnswer {
    /// Success once more, with the first message's id.
    #[default]
    #[serde(rename = "first_msgid")]
    FirstMsgid,
    /// 44007, the global list's 'repeated msg id'.
    #[serde(rename = "44007")]
    RepeatedMsgId,
    /// 45065 with the first `msg_id`, as mass sending does.
    #[serde(rename = "45065")]
    ClientMsgIdExists,
}

fn documented_token_life() -> u32 {
    7200
}

fn first_user() -> String {
    FIRST_USER.to_owned()
}

impl App {
    /// An app without users or templates, with WeChat's limits.
    #[must_use]
    pub fn new(app_id: impl Into<String>, secret: impl Into<String>) -> Self {
        Self {
            app_id: app_id.into(),
            secret: secret.into(),
            ip_whitelist: None,
            token_lifetime_s: documented_token_life(),
            limits: BTreeMap::new(),
            per_user_per_minute: None,
            templates: BTreeMap::new(),
            subscribers: BTreeSet::new(),
            unfollowers: BTreeSet::new(),
            duplicate_answer: DuplicateAnswer::default(),
            refuse_unicode_escapes: false,
            approves_cards: false,
            reply_window: false,
            web_domains: None,
            visitor: first_user(),
            push: None,
            receipts: Receipts::default(),
        }
    }

    /// Whether the app has ever heard of this user.
    pub(crate) fn knows(&self, openid: &str) -> bool {
        self.subscribers.contains(openid) || self.unfollowers.contains(openid)
    }

    /// What may be called how often on this path.
    pub(crate) fn limit(&self, path: &str) -> Limit {
        self.limits.get(path).copied().unwrap_or_else(|| quota::documented(path))
    }

    /// Whether the parts fit together.
    pub(crate) fn check(&self) -> Result<(), Refused> {
        check_id("app_id", &self.app_id)?;
        check_id("secret", &self.secret)?;
        self.templates.keys().try_for_each(|id| check_id("a template's id", id))?;
        let users = self.subscribers.iter().chain(&self.unfollowers);
        users.into_iter().try_for_each(|id| check_id("an openid", id))?;
        check_id("visitor", &self.visitor)?;
        self.check_limits()?;
        self.push.as_ref().map_or(Ok(()), PushTarget::check)?;
        self.receipts.check()?;
        match self.subscribers.intersection(&self.unfollowers).next() {
            Some(user) => Err(Refused::script(format!("{user} cannot both follow and not follow"))),
            None => Ok(()),
        }
    }

    fn check_limits(&self) -> Result<(), Refused> {
        if !(1..=LONGEST_TOKEN_LIFE_S).contains(&self.token_lifetime_s) {
            let sentence = format!("token_lifetime_s lies between 1 and {LONGEST_TOKEN_LIFE_S}");
            return Err(Refused::script(sentence));
        }
        match self.limits.keys().find(|path| !quota::is_metered(path)) {
            Some(path) => Err(Refused::script(format!("limits: nothing is counted at '{path}'"))),
            None => Ok(()),
        }
    }
}

fn check_id(what: &str, id: &str) -> Result<(), Refused> {
    let sound = (1..=LONGEST_ID).contains(&id.len()) && id.bytes().all(|b| b.is_ascii_graphic());
    let refuse = || Refused::script(format!("{what} has 1 to {LONGEST_ID} visible ASCII characters"));
    if sound { Ok(()) } else { Err(refuse()) }
}
