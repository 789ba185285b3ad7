//! Whether the process can work, and if not, which part is missing, in words.

use std::time::Duration;

use serde::Serialize;
use tokio::time::timeout;
use wxgate_store::{SchemaState, StoreError};

use super::Operator;

/// A store that takes longer to answer is not ready: those who probe give up after a few seconds.
const ANSWER_WITHIN: Duration = Duration::from_secs(2);

/// Settings are looked at every 0.8 s; when that has failed for so long, the process may be acting on
/// what operators have changed since.
const FRESH_FOR: Duration = Duration::from_secs(10);

/// What is well.
const READY: &str = "ready";

/// How each part is doing: `ready`, or what is wrong.
#[derive(Debug, Serialize)]
pub(crate) struct Readiness {
    ready: bool,
    pub(crate) store: String,
    pub(crate) schema: String,
    pub(crate) settings: String,
    pub(crate) queue: String,
}

impl Readiness {
    /// Asks all parts. To be called where the store's connections live.
    pub(crate) async fn of(operator: &Operator) -> Self {
        let (store, schema) = store_and_schema(operator).await;
        let parts = [store, schema, settings(operator.directory.age()), queue(operator)];
        let ready = parts.iter().all(Result::is_ok);
        let [store, schema, settings, queue] =
            parts.map(|part| part.err().unwrap_or_else(|| READY.to_owned()));
        Self { ready, store, schema, settings, queue }
    }

    /// Whether all parts are well.
    pub(crate) const fn is_ready(&self) -> bool {
        self.ready
    }

    /// Each part, and whether it is well.
    pub(crate) fn parts(&self) -> [(&'static str, bool); 4] {
        [
            ("store", &self.store),
            ("schema", &self.schema),
            ("settings", &self.settings),
            ("queue", &self.queue),
        ]
        .map(|(part, word)| (part, word == READY))
    }
}

/// What is wrong with a part.
type Part = Result<(), String>;

async fn store_and_schema(operator: &Operator) -> (Part, Part) {
    let unknown = || Err("not known while the store does not answer".to_owned());
    match timeout(ANSWER_WITHIN, operator.store.schema()).await {
        // A newer version was set up beside this one, which goes on until it is replaced.
        Ok(Ok(SchemaState::Current | SchemaState::Newer(_))) => (Ok(()), Ok(())),
        Ok(Err(StoreError::Schema(wrong))) => (Ok(()), Err(wrong)),
        Ok(Err(_)) => (Err("unreachable".to_owned()), unknown()),
        Err(_late) => (Err(format!("no answer within {} s", ANSWER_WITHIN.as_secs())), unknown()),
    }
}

fn settings(age: Duration) -> Part {
    if age < FRESH_FOR {
        return Ok(());
    }
    Err(format!("not read for {} s: changes by operators may not be known", age.as_secs()))
}

fn queue(operator: &Operator) -> Part {
    let rings = operator.bell.as_ref().is_none_or(|bell| bell.is_connected());
    let hears = operator.listener.as_ref().is_none_or(wxgate_queue::ListenerStatus::is_connected);
    if rings && hears {
        return Ok(());
    }
    Err("unreachable: jobs go on, found in the store, up to half a second later".to_owned())
}
