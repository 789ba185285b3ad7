//! The controls of a running sandbox, typed. The HTTP controls are a thin layer over these.

mod cards;
mod custom;
mod filter;
mod http;
mod media;
mod platform;
mod pushes;
mod qrcodes;
mod stats;
mod upyun;

use std::sync::Arc;
use std::time::Duration;

use serde::Serialize;
use tokio::time::timeout;

pub use filter::{CallFilter, MessageFilter, PushFilter, UpyunFilter};
pub(crate) use http::routes;
pub use stats::Stats;
pub use upyun::UpyunOverview;

use crate::apps::{App, AppChange};
use crate::bounded::Page;
use crate::calls::Call;
use crate::endpoint;
use crate::faults::{Rule, Standing};
use crate::refused::Refused;
use crate::state::Shared;
use crate::template::Message;

/// The clock cannot be set further ahead than this at once: ten years.
const LONGEST_LEAP: Duration = Duration::from_hours(24 * 3_652);

/// A handle to a sandbox's controls; copies act on the same sandbox.
#[derive(Clone, Debug)]
pub struct Control(Arc<Shared>);

/// What the sandbox's clock shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct ClockFace {
    /// The sandbox's time, in Unix milliseconds.
    pub now_ms: i64,
    /// How far it runs ahead of the machine's, in milliseconds.
    pub ahead_ms: i64,
}

impl Control {
    pub(crate) fn new(shared: Arc<Shared>) -> Self {
        Self(shared)
    }

    /// All apps, by id.
    #[must_use]
    pub fn apps(&self) -> Vec<App> {
        self.0.state().accounts.all()
    }

    /// One app.
    ///
    /// # Errors
    /// [`Refused::Missing`] when there is no such app.
    pub fn app(&self, app_id: &str) -> Result<App, Refused> {
        let account = self.0.state().accounts.find(app_id);
        let account = account.ok_or_else(|| Refused::no_app(app_id))?;
        Ok(App::clone(&account.app()))
    }

    /// Adds an app.
    ///
    /// # Errors
    /// [`Refused::Exists`] when its id is taken, [`Refused::Script`] when it is not sound.
    pub fn add_app(&self, app: App) -> Result<(), Refused> {
        self.0.state().accounts.add(app)
    }

    /// Changes what is named of an app and answers the whole. Calls from now on meet the change.
    ///
    /// # Errors
    /// [`Refused::Missing`] when there is no such app; [`Refused::Script`] when the outcome would
    /// not be sound: then nothing is changed.
    pub fn change_app(&self, app_id: &str, change: AppChange) -> Result<App, Refused> {
        self.0.state().accounts.change(app_id, change)
    }

    /// Makes all tokens of an app invalid at once, without overlap (40001).
    ///
    /// # Errors
    /// [`Refused::Missing`] when there is no such app.
    pub fn rotate_tokens(&self, app_id: &str) -> Result<(), Refused> {
        let state = self.0.state();
        state.accounts.find(app_id).ok_or_else(|| Refused::no_app(app_id))?;
        state.vault.rotate(app_id, state.clock.now());
        Ok(())
    }

    /// Puts fault rules into force, behind those in force already, and answers their ids. All of
    /// them, or none.
    ///
    /// # Errors
    /// [`Refused::Script`] when a rule makes no sense, or when there would be more than 1,000.
    pub fn add_faults(&self, rules: impl IntoIterator<Item = Rule>) -> Result<Vec<u64>, Refused> {
        let state = self.0.state();
        let knows = |path: &str| endpoint::find(path).is_some();
        state.faults.add(rules, state.clock.now(), knows)
    }

    /// The rules in force, in the order in which they are tried.
    #[must_use]
    pub fn faults(&self) -> Vec<Standing> {
        let state = self.0.state();
        state.faults.all(state.clock.now())
    }

    /// Lifts a rule. Calls that it holds up or left hanging stay so.
    ///
    /// # Errors
    /// [`Refused::Missing`] when it is not in force.
    pub fn lift_fault(&self, id: u64) -> Result<(), Refused> {
        let lifted = self.0.state().faults.lift(id);
        if lifted { Ok(()) } else { Err(Refused::missing(format!("there is no rule {id}"))) }
    }

    /// Lifts all rules.
    pub fn lift_faults(&self) {
        self.0.state().faults.lift_all();
    }

    /// What the clock shows.
    #[must_use]
    pub fn clock(&self) -> ClockFace {
        let state = self.0.state();
        ClockFace { now_ms: state.clock.now(), ahead_ms: state.clock.ahead_ms() }
    }

    /// Moves the clock forward: tokens, quotas and windows age at once.
    ///
    /// # Errors
    /// [`Refused::Script`] for more than ten years.
    pub fn advance(&self, by: Duration) -> Result<ClockFace, Refused> {
        if by > LONGEST_LEAP {
            return Err(Refused::script("the clock goes ten years at once at most"));
        }
        self.0.state().clock.advance(by);
        Ok(self.clock())
    }

    /// The calls that were received, newest last.
    #[must_use]
    pub fn calls(&self, filter: &CallFilter) -> Page<Call> {
        self.0.state().calls.select(filter.limit, |call| filter.lets_through(call))
    }

    /// The template messages that reached a user, newest last.
    #[must_use]
    pub fn messages(&self, filter: &MessageFilter) -> Page<Message> {
        self.0.state().ledger.select(filter.limit, |message| filter.lets_through(message))
    }

    /// Counts since the start or the last reset.
    #[must_use]
    pub fn stats(&self) -> Stats {
        Stats::of(&self.0.state())
    }

    /// Back to the start: what is ready-made alone, no rules, no tokens, empty logs, the machine's
    /// time. Calls under way end in what was before.
    pub fn reset(&self) {
        self.0.reset();
    }

    /// Waits until the condition holds, looking whenever a call arrives or ends; false when it did
    /// not within the limit.
    pub async fn until(&self, limit: Duration, condition: impl Fn(&Self) -> bool) -> bool {
        let mut activity = self.0.activity.subscribe();
        let watch = async {
            while !condition(self) {
                if activity.changed().await.is_err() {
                    return false;
                }
            }
            true
        };
        timeout(limit, watch).await.unwrap_or(false)
    }
}
