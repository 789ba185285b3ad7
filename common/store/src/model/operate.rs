//! What operators set and ask for: apps, callers, switches, lists of jobs.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use wxgate_job::decide::{Gate, OnAmbiguity};
use wxgate_job::{Failure, JobId, JobState, Kind};
use wxgate_secret::Secret;

use super::rotation::Former;

/// A WeChat app (official account).
#[derive(Clone, Debug)]
pub struct App {
    /// `app_id`.
    pub app_id: String,
    /// Disabled apps are refused at intake (112).
    pub enabled: bool,
    /// Absent: refused at intake (113).
    pub secret: Option<Secret>,
    /// Which kind of access token it uses.
    pub token: TokenMode,
    /// For verifying pushes.
    pub event_token: Option<Secret>,
    /// For decrypting pushes: 43 characters.
    pub aes_key: Option<Secret>,
    /// The third-party platform that acts for it.
    pub component_appid: Option<String>,
    /// Whether that platform holds an authorisation. Told by [`crate::Store::directory`] alone:
    /// ignored when an app is put.
    pub authorised: bool,
    /// Refuse unencrypted pushes.
    pub safe_push_only: bool,
    /// Calls a second at most, per worker process.
    pub rate: Option<u32>,
    /// Calls at the same time at most, per worker process.
    pub concurrency: Option<u32>,
}

impl App {
    /// Whether WeChat's pushes for it can reach us: its own, or those of its platform.
    #[must_use]
    pub const fn gets_pushes(&self) -> bool {
        self.event_token.is_some() || self.component_appid.is_some()
    }
}

/// How an app's access token is fetched.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum TokenMode {
    /// `cgi-bin/token`: every fetch retires the one before.
    #[default]
    Normal,
    /// `cgi-bin/stable_token`: the same token until it nears its end.
    Stable,
}

impl TokenMode {
    /// The name as stored and typed.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Normal => "normal",
            Self::Stable => "stable",
        }
    }

    /// Reads a name; `None` when there is no such one.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Normal, Self::Stable].into_iter().find(|known| known.as_str() == text)
    }
}

/// Which signing schemes a client may use.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Signing {
    /// The documented MD5 authcode alone.
    Md5,
    /// HMAC-SHA256 alone.
    Hmac,
    /// Either.
    #[default]
    Both,
}

impl Signing {
    /// The name as stored and typed.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Md5 => "md5",
            Self::Hmac => "hmac",
            Self::Both => "both",
        }
    }

    /// Reads a name; `None` when there is no such one.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Md5, Self::Hmac, Self::Both].into_iter().find(|known| known.as_str() == text)
    }
}

/// How callbacks are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum CallbackFormat {
    /// `application/x-www-form-urlencoded`.
    #[default]
    Form,
    /// `application/json`.
    Json,
}

impl CallbackFormat {
    /// The name as stored and typed.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Form => "form",
            Self::Json => "json",
        }
    }

    /// Reads a name; `None` when there is no such one.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Form, Self::Json].into_iter().find(|known| known.as_str() == text)
    }
}

/// A caller.
#[derive(Clone, Debug)]
pub struct Client {
    /// `client_code`.
    pub code: String,
    /// Signs requests. Absent: refused at intake (108).
    pub secret: Option<Secret>,
    /// What signed them before, and may do so for a while.
    pub former_secret: Option<Former>,
    /// The app it acts for. Absent: refused (110).
    pub app_id: Option<String>,
    /// Closed clients are refused (105).
    pub open: bool,
    /// Interfaces granted; `*` means all that hand out no secrets.
    pub allow: Vec<String>,
    /// Signs callbacks: `whsec_…`.
    pub callback_secret: Option<Secret>,
    /// What signed them before, and does so beside the new one for a while.
    pub former_callback_secret: Option<Former>,
    /// How callbacks are written.
    pub callback_format: CallbackFormat,
    /// Which authcodes are taken.
    pub signing: Signing,
    /// What to do when nobody can know any more.
    pub on_ambiguity: OnAmbiguity,
}

/// A closed gate: jobs of this app (and kind) wait.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GateView {
    /// The app.
    pub app_id: String,
    /// The kind of job, or empty for all of them.
    pub kind: String,
    /// Why.
    pub gate: Gate,
    /// What WeChat said.
    pub failure: Failure,
    /// Since when (Unix milliseconds).
    pub closed_at: i64,
    /// When the next single job is let through as a probe.
    pub next_probe_at: i64,
}

/// A gate to be closed, or whose probe failed.
#[derive(Clone, Debug)]
pub struct GateOrder {
    /// The app.
    pub app_id: String,
    /// The kind of job, or empty for all of them.
    pub kind: String,
    /// Why.
    pub gate: Gate,
    /// What WeChat said.
    pub failure: Failure,
    /// Probe after this long.
    pub probe_in: Duration,
}

/// Which jobs to list. Newest first, by id.
#[derive(Clone, Debug, Default)]
pub struct JobFilter {
    /// Only in this state.
    pub state: Option<JobState>,
    /// Only this client's.
    pub client: Option<String>,
    /// Only this app's.
    pub app: Option<String>,
    /// Only of this kind.
    pub kind: Option<Kind>,
    /// Only about this openid or media id.
    pub subject: Option<String>,
    /// Only those whose last attempt failed for this cause.
    pub cause: Option<Cause>,
    /// Only those accepted then or later (Unix milliseconds).
    pub created_from: Option<i64>,
    /// Only those accepted before then (Unix milliseconds).
    pub created_until: Option<i64>,
    /// Only ids below this one: the cursor of the next page.
    pub before: Option<JobId>,
    /// At most so many.
    pub limit: u32,
}

impl JobFilter {
    /// Whether it asks for just one [`super::insight::FailureGroup`], among others.
    pub(crate) const fn names_one_cause(&self) -> bool {
        self.cause.is_some() && self.app.is_some() && self.kind.is_some()
    }
}

/// Why an attempt failed, as [`super::insight::FailureGroup`] tells it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cause {
    /// As in [`Failure::code`].
    pub code: String,
    /// WeChat's code; `None`: it gave none.
    pub errcode: Option<i64>,
}
