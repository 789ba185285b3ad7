//! Callbacks as people read them.

use serde::Serialize;
use wxgate_operate::view::CallbackView;
use wxgate_store::model::status::CallbackDetail;

use crate::history;
use crate::local_time::local;
use crate::output::Shown;
use crate::table::Table;

/// One callback with its attempts.
pub(crate) fn text(callback: &CallbackView) -> String {
    let heading = format!("callback {}, {}, to {}", callback.callback, callback.state.as_str(), callback.url);
    format!("{heading}\n{}", history::text(&callback.history))
}

/// Callbacks, newest first.
#[derive(Debug, Serialize)]
#[serde(transparent)]
pub(super) struct CallbackList(Vec<CallbackView>);

impl CallbackList {
    pub(super) fn of(callbacks: &[CallbackDetail]) -> Self {
        Self(callbacks.iter().map(CallbackView::of).collect())
    }
}

impl Shown for CallbackList {
    fn text(&self) -> String {
        let mut table = Table::new(["CALLBACK", "TRIED", "LAST", "LAST ANSWER", "URL"], &["URL"]);
        for callback in &self.0 {
            table.add([
                callback.callback.clone(),
                callback.attempts.to_string(),
                callback.history.last().map(|attempt| local(attempt.at)).unwrap_or_default(),
                status(callback),
                callback.url.clone(),
            ]);
        }
        table.text("no callback was given up")
    }
}

fn status(callback: &CallbackView) -> String {
    callback.last_status.map_or_else(|| "no answer".to_owned(), |status| format!("HTTP {status}"))
}
