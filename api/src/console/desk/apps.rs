//! Apps: what holds them back, their tokens, and mending them.

use std::sync::Arc;

use serde::Serialize;
use wxgate_operate::app::{self, AppChange, AppError};
use wxgate_operate::view::{AppView, seconds};
use wxgate_store::model::insight::TokenView;

use super::super::Console;
use super::super::trouble::Trouble;

/// An app with its tokens.
#[derive(Debug, Serialize)]
pub(crate) struct AppShown {
    #[serde(flatten)]
    pub(crate) app: AppView,
    pub(crate) tokens: Vec<TokenShown>,
}

/// How one of its tokens stands; times are Unix seconds.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct TokenShown {
    pub(crate) kind: String,
    /// There is one; otherwise its times are 0.
    pub(crate) held: bool,
    pub(crate) since: i64,
    pub(crate) renewed_at: i64,
    pub(crate) valid_until: i64,
    /// On this day of Asia/Shanghai.
    pub(crate) refreshes_today: u64,
}

impl TokenShown {
    fn of(token: &TokenView) -> Self {
        let at = |unix_ms| if token.held { seconds(unix_ms) } else { 0 };
        Self {
            kind: token.kind.clone(),
            held: token.held,
            since: at(token.stored_at),
            renewed_at: at(token.renew_at),
            valid_until: at(token.valid_until),
            refreshes_today: token.refreshes_today,
        }
    }
}

impl Console {
    /// All apps, by id.
    pub(crate) async fn apps(&self) -> Result<Vec<AppShown>, Trouble> {
        // Read afresh rather than watched: whoever has just changed an app wants to see it.
        let (directory, tokens) =
            self.ask(|store| async move { Ok((store.directory().await?, store.tokens().await?)) }).await?;
        let of = |app_id: &str| {
            tokens.iter().filter(|token| token.app_id == app_id).map(TokenShown::of).collect::<Vec<_>>()
        };
        let apps = AppView::all(&directory).into_iter();
        Ok(apps.map(|app| AppShown { tokens: of(&app.app_id), app }).collect())
    }

    /// One of them.
    pub(crate) async fn app(&self, app_id: &str) -> Result<AppShown, Trouble> {
        let found = self.apps().await?.into_iter().find(|shown| shown.app.app_id == app_id);
        found.ok_or_else(|| AppError::Unknown(app_id.to_owned()).into())
    }

    /// Changes an app and tries it at once; with an empty change it is only tried.
    pub(crate) async fn set_app(&self, app_id: &str, change: AppChange) -> Result<(), Trouble> {
        let (store, id) = (Arc::clone(&self.operator.store), app_id.to_owned());
        self.at_home(async move { app::set(store.as_ref(), &id, change).await }).await??;
        tracing::info!(app = app_id, "console.app_changed");
        Ok(())
    }
}
