//! Callbacks as operators see them.

use serde::Serialize;
use wxgate_job::JobId;
use wxgate_store::model::callback::CallbackState;
use wxgate_store::model::status::CallbackDetail;

use super::name::Name;
use crate::history::{self, AttemptView};
use crate::local_time::{local, seconds};
use crate::output::Shown;
use crate::table::Table;

/// A callback as operators see it.
#[derive(Debug, Serialize)]
pub(crate) struct CallbackShown {
    callback: String,
    job_id: JobId,
    url: String,
    state: CallbackState,
    attempts: u32,
    last_status: Option<u16>,
    due_at: i64,
    history: Vec<AttemptView>,
    #[serde(skip)]
    last_tried: String,
}

impl CallbackShown {
    pub(crate) fn of(callback: &CallbackDetail) -> Self {
        Self {
            callback: Name::of(callback).to_string(),
            job_id: callback.job,
            url: callback.url.clone(),
            state: callback.view.state,
            attempts: callback.view.attempts,
            last_status: callback.view.last_status,
            due_at: seconds(callback.due_at),
            history: history::views(&callback.attempts),
            last_tried: callback.attempts.last().map(|attempt| local(attempt.at)).unwrap_or_default(),
        }
    }

    fn status(&self) -> String {
        self.last_status.map_or_else(|| "no answer".to_owned(), |status| format!("HTTP {status}"))
    }
}

impl Shown for CallbackShown {
    fn text(&self) -> String {
        let heading = format!("callback {}, {}, to {}", self.callback, self.state.as_str(), self.url);
        format!("{heading}\n{}", history::text(&self.history))
    }
}

/// Callbacks, newest first.
#[derive(Debug, Serialize)]
#[serde(transparent)]
pub(super) struct CallbackList(Vec<CallbackShown>);

impl CallbackList {
    pub(super) fn of(callbacks: &[CallbackDetail]) -> Self {
        Self(callbacks.iter().map(CallbackShown::of).collect())
    }
}

impl Shown for CallbackList {
    fn text(&self) -> String {
        let mut table = Table::new(["CALLBACK", "TRIED", "LAST", "LAST ANSWER", "URL"], &["URL"]);
        for callback in &self.0 {
            table.add([
                callback.callback.clone(),
                callback.attempts.to_string(),
                callback.last_tried.clone(),
                callback.status(),
                callback.url.clone(),
            ]);
        }
        table.text("no callback was given up")
    }
}
