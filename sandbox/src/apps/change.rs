//! A change to an app: what is named changes, everything else stays.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use serde::{Deserialize, Deserializer};

use super::{App, DuplicateAnswer, Limit, Template};
use crate::pushes::{PushTarget, Receipts};

/// What is to be different.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct AppChange {
    /// A new appsecret. Tokens that were issued stay valid.
    pub secret: Option<String>,
    /// Another whitelist, or none.
    pub ip_whitelist: Setting<BTreeSet<IpAddr>>,
    /// The life of tokens issued from now on, in seconds.
    pub token_lifetime_s: Option<u32>,
    /// Limits by path; `None` returns a path to WeChat's documented limit.
    pub limits: BTreeMap<String, Option<Limit>>,
    /// Another limit per user, or none.
    pub per_user_per_minute: Setting<u32>,
    /// Templates to add or replace; `None` removes one.
    pub templates: BTreeMap<String, Option<Template>>,
    /// Openids that follow from now on.
    pub follow: BTreeSet<String>,
    /// Openids that are known and do not follow from now on.
    pub unfollow: BTreeSet<String>,
    /// Openids that are not known from now on.
    pub forget: BTreeSet<String>,
    /// Another answer to repeated ids.
    pub duplicate_answer: Option<DuplicateAnswer>,
    /// Whether `\uXXXX` is refused.
    pub refuse_unicode_escapes: Option<bool>,
    /// Whether new cards are approved at once.
    pub approves_cards: Option<bool>,
    /// Whether customer-service messages go only to users who made contact lately.
    pub reply_window: Option<bool>,
    /// Other hosts that web logins may lead back to, or any.
    pub web_domains: Setting<BTreeSet<String>>,
    /// Somebody else opens the login page.
    pub visitor: Option<String>,
    /// Another address for pushes, or none.
    pub push: Setting<PushTarget>,
    /// Another way of telling what became of template messages.
    pub receipts: Option<Receipts>,
}

/// What becomes of something that an app may have or not have.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Setting<T> {
    /// It stays as it is (in JSON: not mentioned).
    #[default]
    Keep,
    /// The app has none from now on (in JSON: `null`).
    Lift,
    /// The app has this one from now on.
    Set(T),
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Setting<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Option::deserialize(deserializer)?.map_or(Self::Lift, Self::Set))
    }
}

impl<T> Setting<T> {
    pub(crate) fn apply(self, setting: &mut Option<T>) {
        match self {
            Self::Keep => {}
            Self::Lift => *setting = None,
            Self::Set(value) => *setting = Some(value),
        }
    }
}

impl AppChange {
    /// Changes `app`, without a look at whether the outcome is sound.
    pub(super) fn apply(self, app: &mut App) {
        replace(&mut app.secret, self.secret);
        self.ip_whitelist.apply(&mut app.ip_whitelist);
        replace(&mut app.token_lifetime_s, self.token_lifetime_s);
        self.per_user_per_minute.apply(&mut app.per_user_per_minute);
        replace(&mut app.duplicate_answer, self.duplicate_answer);
        replace(&mut app.refuse_unicode_escapes, self.refuse_unicode_escapes);
        replace(&mut app.approves_cards, self.approves_cards);
        replace(&mut app.reply_window, self.reply_window);
        self.web_domains.apply(&mut app.web_domains);
        replace(&mut app.visitor, self.visitor);
        self.push.apply(&mut app.push);
        replace(&mut app.receipts, self.receipts);
        merge(&mut app.limits, self.limits);
        merge(&mut app.templates, self.templates);
        move_users(app, self.follow, self.unfollow, &self.forget);
    }
}

fn replace<T>(old: &mut T, new: Option<T>) {
    if let Some(new) = new {
        *old = new;
    }
}

fn merge<T>(map: &mut BTreeMap<String, T>, changes: BTreeMap<String, Option<T>>) {
    for (key, change) in changes {
        match change {
            Some(value) => map.insert(key, value),
            None => map.remove(&key),
        };
    }
}

fn move_users(
    app: &mut App,
    follow: BTreeSet<String>,
    unfollow: BTreeSet<String>,
    forget: &BTreeSet<String>,
) {
    app.unfollowers.retain(|user| !follow.contains(user) && !forget.contains(user));
    app.subscribers.retain(|user| !unfollow.contains(user) && !forget.contains(user));
    app.subscribers.extend(follow);
    app.unfollowers.extend(unfollow);
}
