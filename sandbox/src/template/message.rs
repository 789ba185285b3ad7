//! A message that reached a user: as it is shown, and as it is kept.

use std::sync::Arc;

use serde::Serialize;
use serde_json::{Map, Value};

use super::request::Send;
use crate::bounded::Entry;
use crate::clock::Moment;

/// A message that reached a user.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Message {
    /// Its number in the ledger, from 1.
    pub number: u64,
    /// When, in Unix milliseconds of the sandbox's clock.
    pub at_ms: i64,
    /// The app that sent it.
    pub app: String,
    /// The user's openid.
    pub touser: String,
    /// The template's id.
    pub template_id: String,
    /// Where a tap leads.
    pub url: Option<String>,
    /// The mini program that a tap opens, as it came.
    pub miniprogram: Option<Value>,
    /// The fields as they came.
    pub data: Map<String, Value>,
    /// The sender's id for it.
    pub client_msg_id: Option<String>,
    /// WeChat's id for it.
    pub msgid: u64,
    /// How many more sends carried the same `client_msg_id` and did not reach the user.
    pub repeats: u64,
}

/// The same with its JSON as text: a parsed tree takes several times the memory.
#[derive(Clone, Debug)]
pub(crate) struct Kept {
    pub(crate) app: Arc<str>,
    pub(crate) at_ms: Moment,
    pub(crate) touser: Box<str>,
    pub(super) repeats: u64,
    number: u64,
    template_id: Box<str>,
    url: Option<Box<str>>,
    miniprogram: Option<Box<str>>,
    data: Box<str>,
    client_msg_id: Option<Box<str>>,
    msgid: u64,
}

impl Kept {
    pub(super) fn new(number: u64, app: &Arc<str>, send: &Send, at_ms: Moment, msgid: u64) -> Self {
        Self {
            app: Arc::clone(app),
            at_ms,
            touser: send.touser.as_str().into(),
            repeats: 0,
            number,
            template_id: send.template_id.as_str().into(),
            url: send.url.as_deref().map(Box::from),
            miniprogram: send.miniprogram.as_ref().map(|value| value.to_string().into()),
            data: serde_json::to_string(&send.data).unwrap_or_default().into(),
            client_msg_id: send.client_msg_id.as_deref().map(Box::from),
            msgid,
        }
    }
}

impl Entry for Kept {
    fn weight(&self) -> usize {
        let optional = [&self.url, &self.miniprogram, &self.client_msg_id];
        let optional: usize = optional.into_iter().flatten().map(|text| text.len()).sum();
        let required = self.touser.len() + self.template_id.len() + self.data.len();
        size_of::<Self>() + optional + required
    }
}

impl From<Kept> for Message {
    fn from(kept: Kept) -> Self {
        Self {
            number: kept.number,
            at_ms: kept.at_ms,
            app: kept.app.to_string(),
            touser: kept.touser.into(),
            template_id: kept.template_id.into(),
            url: kept.url.map(String::from),
            miniprogram: kept.miniprogram.and_then(|text| serde_json::from_str(&text).ok()),
            data: serde_json::from_str(&kept.data).unwrap_or_default(),
            client_msg_id: kept.client_msg_id.map(String::from),
            msgid: kept.msgid,
            repeats: kept.repeats,
        }
    }
}
