//! The simulated WeChat of a run, and what it can suffer from.

use std::collections::BTreeMap;
use std::fmt;
use std::net::SocketAddr;

use wxgate_sandbox::{
    App, Control, Fault, Limit, MessageFilter, Options, Rule, Running, Sandbox, TEMPLATE_ID, Template,
};

/// The apps of a run. The second one's gates are never closed.
pub const APPS: [&str; 2] = ["wxfaults000000001", "wxfaults000000002"];
/// The secret of both.
pub const APP_SECRET: &str = "faults-app-secret";
/// Where template messages go.
const SEND: &str = "/cgi-bin/message/template/send";
/// A part of the messages is taken at once and answered so much later (ms), as WeChat's may be: else
/// a process that is killed would seldom have one under way.
const SLOW_ANSWER_MS: u64 = 800;
/// That part.
const SLOW_PART: f64 = 0.2;

/// What WeChat can suffer from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Illness {
    /// It takes 4 s to take a message.
    Slow,
    /// It takes a message and says so after 4 s.
    SlowAnswer,
    /// -1: busy.
    Busy,
    /// 40001: the token is not valid, although it is.
    TokenRefused,
    /// 45009 for the first app: its day's quota is used up.
    QuotaUsedUp,
    /// 50002 for the first app: its account is frozen.
    Suspended,
    /// The tokens become invalid, once.
    TokensReplaced,
    /// It takes a message and its answer breaks off in the middle.
    HalfAnswer,
    /// It closes the connection and does nothing.
    Dropped,
    /// It takes a message and closes the connection.
    AnswerLost,
    /// It never answers and does nothing.
    Silent,
    /// HTTP 502.
    BadGateway,
    /// It takes a message and answers nothing, with a 200.
    Empty,
    /// It takes a message, and its answer has no end.
    Endless,
    /// No new token is to be had: HTTP 500.
    NoTokens,
}

impl Illness {
    /// All of them.
    pub const ALL: [Self; 15] = [
        Self::Slow,
        Self::SlowAnswer,
        Self::Busy,
        Self::TokenRefused,
        Self::QuotaUsedUp,
        Self::Suspended,
        Self::TokensReplaced,
        Self::HalfAnswer,
        Self::Dropped,
        Self::AnswerLost,
        Self::Silent,
        Self::BadGateway,
        Self::Empty,
        Self::Endless,
        Self::NoTokens,
    ];

    /// What it is counted as.
    #[must_use]
    pub fn sort(self) -> &'static str {
        match self {
            Self::Slow | Self::SlowAnswer => "slow",
            Self::HalfAnswer | Self::AnswerLost | Self::Dropped => "breaks off",
            Self::Silent => "silent",
            _ => "answers wrongly",
        }
    }

    /// Whether it keeps an app's jobs back for longer than it lasts.
    #[must_use]
    pub fn closes_a_gate(self) -> bool {
        matches!(self, Self::QuotaUsedUp | Self::Suspended)
    }

    /// The rules that bring it about.
    #[must_use]
    pub fn rules(self) -> Vec<Rule> {
        let sends = |fault| Rule::new(fault).path(SEND);
        match self {
            Self::Slow => vec![sends(Fault::DelayMs(4_000))],
            Self::SlowAnswer => vec![sends(Fault::DelayMs(4_000)).after_effect()],
            Self::Busy => vec![sends(Fault::Errcode(-1)).probability(0.7)],
            Self::TokenRefused => vec![sends(Fault::Errcode(40001))],
            Self::QuotaUsedUp => vec![sends(Fault::Errcode(45009)).app(APPS[0])],
            Self::Suspended => vec![sends(Fault::Errcode(50002)).app(APPS[0])],
            Self::TokensReplaced => APPS.map(|app| sends(Fault::Rotate).app(app).times(1)).to_vec(),
            Self::HalfAnswer => vec![sends(Fault::Half)],
            Self::Dropped => vec![sends(Fault::Drop)],
            Self::AnswerLost => vec![sends(Fault::Drop).after_effect()],
            Self::Silent => vec![sends(Fault::Hang)],
            Self::BadGateway => vec![Rule::new(Fault::Status(502))],
            Self::Empty => vec![sends(Fault::Empty).after_effect()],
            Self::Endless => vec![sends(Fault::Endless)],
            Self::NoTokens => {
                let tokens = Rule::new(Fault::Status(500)).path("/cgi-bin/token");
                [tokens].into_iter().chain(Self::TokensReplaced.rules()).collect()
            }
        }
    }
}

/// What reached one user.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Reached {
    /// Messages.
    pub messages: u64,
    /// Sends that WeChat kept back, since they repeated one.
    pub repeats: u64,
}

/// Starts it with two apps, each with followers for requests 0 to `requests`.
///
/// # Errors
/// When it does not start.
pub fn start(requests: u64) -> anyhow::Result<Running> {
    let keep = usize::try_from(requests)? * 2 + 100_000;
    let listen = SocketAddr::from(([127, 0, 0, 1], 0));
    let sandbox = Sandbox::start(Options { listen, keep, ..Options::default() })?;
    let control = sandbox.control();
    for app_id in APPS {
        control.add_app(app(app_id, requests))?;
    }
    // First in line, so that what WeChat suffers from strikes the other part.
    let slow = Rule::new(Fault::DelayMs(SLOW_ANSWER_MS)).path(SEND).after_effect().probability(SLOW_PART);
    control.add_faults([slow])?;
    Ok(sandbox)
}

fn app(app_id: &str, requests: u64) -> App {
    let mut app = App::new(app_id, APP_SECRET);
    app.templates.insert(TEMPLATE_ID.to_owned(), Template::default());
    app.subscribers = (0..=requests).map(openid).collect();
    app.limits = [SEND, "/cgi-bin/token"].map(|path| (path.to_owned(), Limit::default())).into();
    app
}

/// The user to whom request `number` goes, and nobody else's.
#[must_use]
pub fn openid(number: u64) -> String {
    format!("oFaults{number:021}")
}

/// What reached each user, by the number of the request.
#[must_use]
pub fn reached(control: &Control) -> BTreeMap<u64, Reached> {
    let mut reached = BTreeMap::<u64, Reached>::new();
    let filter = MessageFilter { limit: usize::MAX, ..MessageFilter::default() };
    for message in control.messages(&filter).entries {
        let number = message.touser.strip_prefix("oFaults").and_then(|digits| digits.parse().ok());
        let user = reached.entry(number.unwrap_or(u64::MAX)).or_default();
        user.messages += 1;
        user.repeats += message.repeats;
    }
    reached
}

impl fmt::Display for Illness {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Slow => "takes 4 s to take a message",
            Self::SlowAnswer => "takes 4 s to answer",
            Self::Busy => "busy (-1)",
            Self::TokenRefused => "refuses tokens (40001)",
            Self::QuotaUsedUp => "quota used up (45009)",
            Self::Suspended => "account frozen (50002)",
            Self::TokensReplaced => "replaces the tokens",
            Self::HalfAnswer => "answers by half",
            Self::Dropped => "hangs up",
            Self::AnswerLost => "takes the message and hangs up",
            Self::Silent => "silent",
            Self::BadGateway => "HTTP 502",
            Self::Empty => "takes the message and answers nothing",
            Self::Endless => "answers without end",
            Self::NoTokens => "no tokens to be had",
        })
    }
}
