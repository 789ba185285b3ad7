//! One rule of a fault script: which calls it is for, how often, and what it does to them.

use serde::{Deserialize, Serialize};

use super::fault::{Fault, When};
use super::spot::Spot;
use crate::chance::Chance;
use crate::endpoint::reaches;
use crate::incoming::Incoming;

/// A rule. Whatever is left out does not narrow it: without anything it strikes every call that
/// WeChat gets, for ever. Rules are tried in the order in which they were set up; the first that fits
/// strikes, alone.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// Only calls of this app: by `appid`, or by whose access token it is or was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub app: Option<String>,
    /// Not calls to WeChat, but what happens here at Upyun.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub upyun: Option<Spot>,
    /// Only calls to this path, such as `/cgi-bin/message/template/send`; one that ends in a slash
    /// stands for all below it. At Upyun the path begins with the bucket (`/sandbox/voice/1.amr`), and
    /// a task or a notify has that of its source.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
    /// Only calls whose body says so.
    #[serde(default, rename = "match", skip_serializing_if = "Option::is_none")]
    pub matching: Option<Matching>,
    /// So many calls; none: for ever, or until `until`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub times: Option<u32>,
    /// Until this moment of the sandbox's clock, in Unix milliseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<i64>,
    /// The same, as milliseconds from now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub for_ms: Option<u32>,
    /// Strikes a call that fits with this probability, above 0 and at most 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub probability: Option<f64>,
    /// Whether the call takes effect first. Each fault has its own default.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub when: Option<When>,
    /// What happens.
    pub fault: Fault,
    /// With [`Fault::Errcode`]: the message, instead of WeChat's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub errmsg: Option<String>,
}

/// What a call's body has to say.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Matching {
    /// The message is for this user.
    pub touser: String,
}

impl Rule {
    /// A rule that strikes every call to WeChat, for ever; narrow it with the methods below.
    #[must_use]
    pub fn new(fault: Fault) -> Self {
        Self {
            app: None,
            upyun: None,
            path: None,
            matching: None,
            times: None,
            until: None,
            for_ms: None,
            probability: None,
            when: None,
            fault,
            errmsg: None,
        }
    }

    /// Only calls of this app.
    #[must_use]
    pub fn app(mut self, app_id: impl Into<String>) -> Self {
        self.app = Some(app_id.into());
        self
    }

    /// What happens at Upyun, rather than calls to WeChat.
    #[must_use]
    pub fn upyun(mut self, spot: Spot) -> Self {
        self.upyun = Some(spot);
        self
    }

    /// Only calls to this path.
    #[must_use]
    pub fn path(mut self, path: impl Into<String>) -> Self {
        self.path = Some(path.into());
        self
    }

    /// Only messages to this user.
    #[must_use]
    pub fn touser(mut self, openid: impl Into<String>) -> Self {
        self.matching = Some(Matching { touser: openid.into() });
        self
    }

    /// Only so many calls.
    #[must_use]
    pub fn times(mut self, times: u32) -> Self {
        self.times = Some(times);
        self
    }

    /// Only for so long, by the sandbox's clock.
    #[must_use]
    pub fn for_ms(mut self, ms: u32) -> Self {
        self.for_ms = Some(ms);
        self
    }

    /// Only this share of the calls, above 0 and at most 1.
    #[must_use]
    pub fn probability(mut self, probability: f64) -> Self {
        self.probability = Some(probability);
        self
    }

    /// After the effect rather than instead of it.
    #[must_use]
    pub fn after_effect(mut self) -> Self {
        self.when = Some(When::After);
        self
    }

    /// When the fault comes: what was asked for, else the fault's own default.
    pub(crate) fn moment(&self) -> When {
        let needs_an_answer = self.fault.distorts_the_answer();
        self.when.unwrap_or(if needs_an_answer { When::After } else { When::Before })
    }

    pub(super) fn is_for(&self, call: &Incoming, app: Option<&str>) -> bool {
        self.upyun.is_none()
            && self.reaches(&call.path)
            && self.app.as_deref().is_none_or(|wanted| app == Some(wanted))
            && self.matching.as_ref().is_none_or(|m| call.touser() == Some(m.touser.as_str()))
    }

    pub(super) fn is_for_upyun(&self, spot: Spot, path: &str) -> bool {
        self.upyun.is_some_and(|wanted| wanted.covers(spot)) && self.reaches(path)
    }

    fn reaches(&self, path: &str) -> bool {
        self.path.as_ref().is_none_or(|known| reaches(known, path))
    }

    pub(super) fn throws(&self, chance: &Chance) -> bool {
        self.probability.is_none_or(|probability| chance.happens(probability))
    }
}
