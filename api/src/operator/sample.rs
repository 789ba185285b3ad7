//! What the store and the directory tell of the whole gateway, asked for now and then rather than for each
//! scrape. Every process shows it: take the maximum over them.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::time::MissedTickBehavior;
use wxgate_job::decide::Gate;
use wxgate_store::Directory;
use wxgate_store::model::insight::{Backlog, TokenView};
use wxgate_token::Limits;

use super::Operator;
use super::readiness::Readiness;
use super::text::{Text, float, only};

/// How often it is asked for.
const EVERY: Duration = Duration::from_secs(10);

/// The last sample, as text.
#[derive(Clone, Debug, Default)]
pub(super) struct Sample(Arc<Mutex<Arc<str>>>);

impl Sample {
    /// The last one; empty before the first.
    pub(super) fn last(&self) -> Arc<str> {
        Arc::clone(&self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Takes samples until cancelled.
    pub(super) async fn run(self, operator: Operator) {
        let mut ticks = tokio::time::interval(EVERY);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut kinds = BTreeMap::new();
        loop {
            ticks.tick().await;
            let text = take(&operator, &mut kinds).await;
            *self.0.lock().unwrap_or_else(PoisonError::into_inner) = text.into();
        }
    }
}

/// What there is of a kind of job.
#[derive(Clone, Copy, Debug, Default)]
struct OfKind {
    due: u64,
    held_back: u64,
    later: u64,
    waiting: u64,
    longest_due_ms: i64,
}

/// Kinds that were seen once are told of from then on: nothing to do is a number, too.
type Kinds = BTreeMap<String, OfKind>;

async fn take(operator: &Operator, kinds: &mut Kinds) -> String {
    let (mut text, directory) = (Text::default(), operator.directory.now());
    let readiness = Readiness::of(operator).await;
    let parts = readiness.parts().map(|(part, ready)| ([part.to_owned()], f64::from(u8::from(ready))));
    text.gauge("wxgate_ready", "Whether a part is ready, as /readyz says in words", ["part"], parts);
    gates(&mut text, &directory);
    // What cannot be asked for now is left out, rather than told as it was.
    if let Ok(backlog) = operator.store.backlog().await {
        sort(kinds, &backlog, &directory);
        jobs(&mut text, kinds, &backlog);
        callbacks(&mut text, &backlog);
    }
    if let Ok(all) = operator.store.tokens().await {
        tokens(&mut text, &all);
    }
    text.finish()
}

fn sort(kinds: &mut Kinds, backlog: &Backlog, directory: &Directory) {
    for of_kind in kinds.values_mut() {
        *of_kind = OfKind::default();
    }
    for lane in &backlog.lanes {
        let kind = lane.lane.kind.as_str();
        let of_kind = kinds.entry(kind.to_owned()).or_default();
        of_kind.later += lane.later.number;
        of_kind.waiting += lane.waiting.number;
        if directory.gate(&lane.lane.app, kind).is_some() {
            of_kind.held_back += lane.due.number;
        } else {
            of_kind.due += lane.due.number;
            let longest = lane.longest_due_ms.unwrap_or_default();
            of_kind.longest_due_ms = of_kind.longest_due_ms.max(longest);
        }
    }
}

fn jobs(text: &mut Text, kinds: &Kinds, backlog: &Backlog) {
    let mut tell = |name, help, of: &dyn Fn(&OfKind) -> f64| {
        let rows = kinds.iter().map(|(kind, of_kind)| ([kind.clone()], of(of_kind)));
        text.gauge(name, help, ["kind"], rows);
    };
    tell("wxgate_jobs_due", "Jobs that could run now", &|it| float(it.due));
    tell("wxgate_jobs_held_back", "Jobs that are due, of apps whose gate is closed", &|it| {
        float(it.held_back)
    });
    tell("wxgate_jobs_later", "Queued jobs whose time has not come", &|it| float(it.later));
    tell("wxgate_jobs_waiting", "Jobs that wait for somebody outside", &|it| float(it.waiting));
    let longest = "For how long the longest due job has been, gates that are closed left out";
    tell("wxgate_jobs_longest_due_seconds", longest, &|it| seconds(it.longest_due_ms));
    let running = only(float(backlog.running.number));
    text.gauge("wxgate_jobs_running", "Jobs that a worker holds", [], running);
    let capped = [backlog.due(), backlog.later(), backlog.waiting(), backlog.running, backlog.callbacks];
    let capped = capped.iter().any(|count| count.capped);
    let help = "1: there are more jobs or callbacks than were counted (some 20000 jobs and 10000 callbacks)";
    text.gauge("wxgate_backlog_capped", help, [], only(f64::from(u8::from(capped))));
}

fn callbacks(text: &mut Text, backlog: &Backlog) {
    let queued = only(float(backlog.callbacks.number));
    text.gauge("wxgate_callbacks_queued", "Callbacks that wait for their turn or next attempt", [], queued);
    let longest = only(seconds(backlog.callbacks_longest_due_ms.unwrap_or_default()));
    let help = "For how long the longest due callback has been";
    text.gauge("wxgate_callbacks_longest_due_seconds", help, [], longest);
    let exhausted = only(float(backlog.exhausted.number));
    text.gauge("wxgate_callbacks_exhausted", "Callbacks given up, which can be replayed", [], exhausted);
}

fn tokens(text: &mut Text, tokens: &[TokenView]) {
    let limit = u64::from(Limits::default().daily);
    let mut tell = |name, help, of: &dyn Fn(&TokenView) -> f64, all: bool| {
        let told = tokens.iter().filter(|token| all || token.held);
        let rows = told.map(|token| ([token.app_id.clone(), token.kind.clone()], of(token)));
        text.gauge(name, help, ["app", "kind"], rows);
    };
    let stored = "Since when there is the token (Unix seconds by the store's clock)";
    tell("wxgate_token_stored_timestamp_seconds", stored, &|it| seconds(it.stored_at), false);
    let until = "When the token ends (Unix seconds by the store's clock)";
    tell("wxgate_token_valid_until_timestamp_seconds", until, &|it| seconds(it.valid_until), false);
    let today = "Refreshes begun on this day of Asia/Shanghai";
    tell("wxgate_token_refreshes_today", today, &|it| float(it.refreshes_today), true);
    let left = "Refreshes that are left on this day of Asia/Shanghai";
    tell("wxgate_token_refreshes_left", left, &|it| float(limit.saturating_sub(it.refreshes_today)), true);
}

fn gates(text: &mut Text, directory: &Directory) {
    let rows = directory.gates.iter().map(|gate| {
        let reason = match gate.gate {
            Gate::Quota => "quota",
            Gate::Suspended => "suspended",
        };
        ([gate.app_id.clone(), gate.kind.clone(), reason.to_owned()], 1.0)
    });
    let help =
        "An app (and kind of job, if named) whose jobs wait, since WeChat refuses it or its quota is used up";
    text.gauge("wxgate_gate_closed", help, ["app", "kind", "reason"], rows);
}

/// Seconds of milliseconds.
#[expect(clippy::cast_precision_loss, reason = "Prometheus knows no other numbers")]
fn seconds(ms: i64) -> f64 {
    ms as f64 / 1000.0
}
