//! Which part of a log is asked for.

use serde::Deserialize;

use crate::calls::Call;
use crate::custom;
use crate::faults::Spot;
use crate::pushes::Push;
use crate::template::Kept;

/// How many entries are shown unless more are asked for.
const USUAL_LIMIT: usize = 1_000;

/// Which calls. Whatever is left out does not narrow it.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct CallFilter {
    /// Of this app.
    pub app: Option<String>,
    /// To this path.
    pub path: Option<String>,
    /// That arrived at this moment of the sandbox's clock or later, in Unix milliseconds.
    pub since: Option<i64>,
    /// At most so many, the newest; 1,000 unless said otherwise.
    pub limit: usize,
}

/// Which messages. Whatever is left out does not narrow it.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct MessageFilter {
    /// From this app.
    pub app: Option<String>,
    /// To this user.
    pub touser: Option<String>,
    /// That went out at this moment of the sandbox's clock or later, in Unix milliseconds.
    pub since: Option<i64>,
    /// At most so many, the newest; 1,000 unless said otherwise.
    pub limit: usize,
}

impl Default for CallFilter {
    fn default() -> Self {
        Self { app: None, path: None, since: None, limit: USUAL_LIMIT }
    }
}

impl Default for MessageFilter {
    fn default() -> Self {
        Self { app: None, touser: None, since: None, limit: USUAL_LIMIT }
    }
}

impl CallFilter {
    pub(super) fn lets_through(&self, call: &Call) -> bool {
        self.app.as_ref().is_none_or(|app| call.app.as_ref() == Some(app))
            && self.path.as_ref().is_none_or(|path| *path == call.path)
            && self.since.is_none_or(|since| call.at_ms >= since)
    }
}

impl MessageFilter {
    pub(super) fn lets_through(&self, message: &Kept) -> bool {
        self.app.as_ref().is_none_or(|app| **app == *message.app)
            && self.touser.as_ref().is_none_or(|user| **user == *message.touser)
            && self.since.is_none_or(|since| message.at_ms >= since)
    }

    pub(super) fn lets_custom_through(&self, message: &custom::Kept) -> bool {
        self.app.as_ref().is_none_or(|app| **app == *message.app)
            && self.touser.as_ref().is_none_or(|user| **user == *message.touser)
            && self.since.is_none_or(|since| message.at_ms >= since)
    }
}

/// Which pushes. Whatever is left out does not narrow it.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct PushFilter {
    /// For this app or platform.
    pub app: Option<String>,
    /// Of this event, or kind of message.
    pub what: Option<String>,
    /// Ordered at this moment of the sandbox's clock or later, in Unix milliseconds.
    pub since: Option<i64>,
    /// At most so many, the newest; 1,000 unless said otherwise.
    pub limit: usize,
}

impl Default for PushFilter {
    fn default() -> Self {
        Self { app: None, what: None, since: None, limit: USUAL_LIMIT }
    }
}

impl PushFilter {
    pub(super) fn lets_through(&self, push: &Push) -> bool {
        self.app.as_ref().is_none_or(|app| *app == push.app)
            && self.what.as_ref().is_none_or(|what| *what == push.what)
            && self.since.is_none_or(|since| push.at_ms >= since)
    }
}

/// Which part of a log of Upyun's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct UpyunFilter {
    /// Calls of this kind alone; of no meaning for tasks and notifies.
    pub spot: Option<Spot>,
    /// At most so many, the newest; 1,000 unless said otherwise.
    pub limit: usize,
}

impl Default for UpyunFilter {
    fn default() -> Self {
        Self { spot: None, limit: USUAL_LIMIT }
    }
}
