//! Gates: what holds back an app's jobs after WeChat refused the app itself or its quota.
//!
//! A gate that this process closes counts here at once, and in every process when it has read the
//! directory again. While it is closed one job at a time is let through as a probe.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;
use wxgate_job::decide::Gate;
use wxgate_job::{Failure, Lane};
use wxgate_secret::Secret;
use wxgate_store::clock::now_ms;
use wxgate_store::model::operate::GateOrder;
use wxgate_store::{Directory, DirectoryWatch, Store};

/// A used-up quota is probed hourly; whether it ends at midnight is not documented.
const QUOTA_PROBE: Duration = Duration::from_hours(1);

/// A refused app is probed every five minutes.
const SUSPENDED_PROBE: Duration = Duration::from_mins(5);

/// A probe that finds out nothing, since WeChat does not answer or its worker dies, is made again after this:
/// longer than an attempt may take.
const PROBE_AGAIN: Duration = Duration::from_mins(1);

/// Longer than any process takes to read the directory again.
const UNTIL_KNOWN: Duration = Duration::from_secs(2);

/// WeChat's day ends at midnight in Asia/Shanghai, eight hours ahead of UTC all the year round.
const SHANGHAI_MS: i64 = 8 * 3_600_000;
const DAY_MS: i64 = 86_400_000;

/// The gates of all apps. Cheap to clone.
#[derive(Clone)]
pub struct Gates {
    store: Arc<dyn Store>,
    directory: DirectoryWatch,
    /// Closed by this process a moment ago.
    fresh: Arc<Mutex<HashMap<Key, Instant>>>,
}

/// An app and a kind; an empty kind means all of them.
type Key = (String, String);

impl std::fmt::Debug for Gates {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Gates").field("fresh", &self.fresh).finish_non_exhaustive()
    }
}

impl Gates {
    /// Gates as the directory tells of them.
    #[must_use]
    pub fn new(store: Arc<dyn Store>, directory: DirectoryWatch) -> Self {
        Self { store, directory, fresh: Arc::default() }
    }

    /// Whether jobs of this lane may be claimed.
    #[must_use]
    pub fn is_open(&self, lane: &Lane) -> bool {
        !self.is_fresh(&lane.app, "")
            && !self.is_fresh(&lane.app, lane.kind.as_str())
            && self.directory.now().gate(&lane.app, lane.kind.as_str()).is_none()
    }

    /// Closes the gate that an attempt ran into. Of many attempts that run into it together one
    /// writes it down.
    pub async fn close(&self, lane: &Lane, gate: Gate, failure: &Failure) {
        let kind = kind_of(gate, lane);
        if !self.note(&lane.app, kind) {
            return;
        }
        tracing::warn!(
            app = lane.app,
            kind,
            errcode = failure.errcode,
            reason = failure.message,
            "gate.closed"
        );
        let order = GateOrder {
            app_id: lane.app.clone(),
            kind: kind.to_owned(),
            gate,
            failure: failure.clone(),
            probe_in: probe_in(gate, now_ms()),
        };
        if let Err(error) = self.store.close_gate(&order).await {
            // The next attempt that runs into it closes it.
            tracing::warn!(error = &error as &dyn std::error::Error, "gate.closing_failed");
        }
    }

    /// Whether the app or its platform was given other credentials after the directory had this
    /// revision: what WeChat then said of it rests on a secret that is none any more.
    pub async fn is_outdated(&self, lane: &Lane, tried: &Directory) -> bool {
        let changed = self.store.revision().await.is_ok_and(|now| now != tried.revision);
        if !changed || self.is_fresh(&lane.app, "") {
            return false;
        }
        let credentials = |directory: &Directory| credentials(directory, &lane.app);
        self.store.directory().await.is_ok_and(|now| credentials(&now) != credentials(tried))
    }

    /// Whether a probe of this lane may be due. The store's clock decides; ours only saves it the
    /// question.
    #[must_use]
    pub fn may_probe(&self, lane: &Lane) -> bool {
        let directory = self.directory.now();
        let gate = directory.gate(&lane.app, lane.kind.as_str());
        gate.is_some_and(|gate| gate.next_probe_at <= now_ms() + 1000)
    }

    /// Takes the right to try one job of this lane although its gate is closed. A probe that runs into the gate
    /// closes it anew, for as long as that gate stays closed.
    pub async fn probe(&self, lane: &Lane) -> bool {
        let directory = self.directory.now();
        let Some(gate) = directory.gate(&lane.app, lane.kind.as_str()) else { return false };
        self.store.probe_gate(&lane.app, &gate.kind, PROBE_AGAIN).await.unwrap_or(false)
    }

    /// A probe went through: opens the gate that the directory knows of.
    pub async fn open(&self, lane: &Lane) {
        let directory = self.directory.now();
        let Some(gate) = directory.gate(&lane.app, lane.kind.as_str()) else { return };
        match self.store.open_gate(&lane.app, &gate.kind).await {
            Ok(true) => tracing::info!(app = lane.app, kind = gate.kind, "gate.opened"),
            Ok(false) => {}
            Err(error) => tracing::warn!(error = &error as &dyn std::error::Error, "gate.opening_failed"),
        }
    }

    fn is_fresh(&self, app: &str, kind: &str) -> bool {
        let mut fresh = self.fresh.lock().unwrap_or_else(PoisonError::into_inner);
        if fresh.is_empty() {
            return false;
        }
        fresh.retain(|_, closed_at| closed_at.elapsed() < UNTIL_KNOWN);
        fresh.contains_key(&(app.to_owned(), kind.to_owned()))
    }

    /// Whether this is the first to tell of the gate for a while.
    fn note(&self, app: &str, kind: &str) -> bool {
        if self.is_fresh(app, kind) {
            return false;
        }
        let mut fresh = self.fresh.lock().unwrap_or_else(PoisonError::into_inner);
        fresh.insert((app.to_owned(), kind.to_owned()), Instant::now()).is_none()
    }
}

/// All that WeChat judges an app by, so that two states can be compared.
fn credentials(directory: &Directory, app: &str) -> Option<impl PartialEq + use<>> {
    let text = |secret: Option<&Secret>| secret.map(|secret| secret.expose().to_owned());
    let app = directory.apps.get(app)?;
    let platform = app.component_appid.as_ref().map(|appid| {
        let component = directory.components.get(appid);
        let ticket = component.and_then(|component| component.verify_ticket.as_ref());
        (appid.clone(), app.authorised, text(component.map(|component| &component.secret)), text(ticket))
    });
    Some((app.enabled, app.token, text(app.secret.as_ref()), platform))
}

fn kind_of(gate: Gate, lane: &Lane) -> &str {
    match gate {
        Gate::Quota => lane.kind.as_str(),
        Gate::Suspended => "",
    }
}

/// When to let the next job through: for a quota in an hour or at WeChat's midnight, whichever comes
/// first.
fn probe_in(gate: Gate, now: i64) -> Duration {
    match gate {
        Gate::Suspended => SUSPENDED_PROBE,
        Gate::Quota => {
            let to_midnight = DAY_MS - (now + SHANGHAI_MS).rem_euclid(DAY_MS);
            QUOTA_PROBE.min(Duration::from_millis(u64::try_from(to_midnight).unwrap_or(u64::MAX)))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quota_is_probed_hourly_and_at_midnight_in_shanghai() {
        let midnight = 1_699_977_600_000; // 2023-11-15 00:00 in Shanghai
        assert_eq!(probe_in(Gate::Quota, midnight), QUOTA_PROBE);
        assert_eq!(probe_in(Gate::Quota, midnight - 60_000), Duration::from_mins(1));
        assert_eq!(probe_in(Gate::Suspended, midnight - 60_000), SUSPENDED_PROBE);
    }
}
