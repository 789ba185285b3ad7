//! Pushes about a third-party platform: its tickets, and who has authorised it.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;
use wxgate_push::{Fields, Notice, NoticeKind};
use wxgate_secret::Secret;
use wxgate_store::Store;
use wxgate_token::TokenKey;
use wxgate_wechat::{Authorisation, WeChat, WeChatError};

use super::refused::Refused;
use crate::gateway::Gateway;
use crate::surely::surely;

/// How long WeChat may take to tell what an authorisation is worth. Longer than a push is waited for:
/// the code may be spent then, so what comes back is stored even if nobody waits any more.
const WECHAT_WITHIN: Duration = Duration::from_secs(8);
/// For how long storing it is tried. The code is exchanged once.
const STORED_WITHIN: Duration = Duration::from_mins(1);

/// WeChat's codes of an authorisation code that was used or is too old.
const CODE_OVER: [i64; 2] = [61009, 61010];

/// One notice, and for which platform.
struct Work {
    store: Arc<dyn Store>,
    wechat: Arc<WeChat>,
    component: String,
    notice: Notice,
}

/// Takes care of a notice, or fails so that WeChat posts it again.
pub(super) async fn take(gateway: &Gateway, component: &str, fields: &Fields) -> Result<(), Refused> {
    let (store, component) = (Arc::clone(&gateway.store), component.to_owned());
    let notice = Notice::read(fields)?;
    let take = |wechat| async move { Work { store, wechat, component, notice }.take().await };
    gateway.ask_wechat(take).await?
}

impl Work {
    async fn take(&self) -> Result<(), Refused> {
        match &self.notice.kind {
            // The newest wins by its time, so a ticket needs no note.
            NoticeKind::VerifyTicket(ticket) => self.keep(ticket).await,
            NoticeKind::Other { .. } => Ok(()),
            NoticeKind::Authorized { .. } | NoticeKind::Unauthorized { .. } => self.take_once().await,
        }
    }

    /// Whoever asked for the platform's token before the ticket came may ask again at once.
    async fn keep(&self, ticket: &Secret) -> Result<(), Refused> {
        let created_at = self.notice.created_at;
        self.store.put_verify_ticket(&self.component, ticket, created_at).await?;
        self.wechat.tokens().forget_failures(&TokenKey::component(self.component.as_str()));
        Ok(())
    }

    /// An authorisation that is posted again is not stored again: its token would be fetched anew.
    async fn take_once(&self) -> Result<(), Refused> {
        let identity = self.notice.identity();
        if self.store.knows_push(&self.component, identity).await? {
            return Ok(());
        }
        match &self.notice.kind {
            NoticeKind::Authorized { app, code } => self.authorise(app, code).await?,
            NoticeKind::Unauthorized { app } => self.withdraw(app).await?,
            NoticeKind::VerifyTicket(_) | NoticeKind::Other { .. } => {}
        }
        self.note(identity).await;
        Ok(())
    }

    /// When that fails, WeChat is not told: it would post again what is done.
    async fn note(&self, identity: [u8; 16]) {
        if let Err(error) = self.store.note_push(&self.component, identity).await {
            tracing::warn!(error = &error as &dyn std::error::Error, "push.not_noted");
        }
    }

    async fn authorise(&self, app: &str, code: &Secret) -> Result<(), Refused> {
        let by = Instant::now() + WECHAT_WITHIN;
        match self.wechat.query_auth(&self.component, code.expose(), by).await {
            Ok(Authorisation { app_id, refresh_token, .. }) => {
                self.keep_authorisation(&app_id, &refresh_token).await
            }
            Err(error) if is_over(&error) => self.recover(app, error, by).await,
            Err(error) => Err(error.into()),
        }
    }

    async fn keep_authorisation(&self, app: &str, refresh_token: &Secret) -> Result<(), Refused> {
        let created_at = Some(self.notice.created_at);
        let store = || self.store.authorise(app, &self.component, refresh_token, created_at);
        surely(STORED_WITHIN, store).await?;
        tracing::info!(app, component = self.component, "authorisation.stored");
        Ok(())
    }

    /// An earlier post of the same took the code. What it was worth is stored or, when WeChat's answer
    /// was lost, in WeChat's list.
    async fn recover(&self, app: &str, over: WeChatError, by: Instant) -> Result<(), Refused> {
        if self.is_stored(app).await? {
            return Ok(());
        }
        let listed = self.wechat.listed_refresh_token(&self.component, app, by).await;
        // The earlier post may go on still: what it has stored meanwhile may be newer than the list.
        if self.is_stored(app).await? {
            return Ok(());
        }
        match listed {
            Ok(Some(refresh_token)) => self.keep_authorisation(app, &refresh_token).await,
            Ok(None) => Err(self.lost(app, over)),
            Err(error) => Err(self.lost(app, error)),
        }
    }

    async fn is_stored(&self, app: &str) -> Result<bool, Refused> {
        Ok(self.store.knows_authorisation(app, &self.component, self.notice.created_at).await?)
    }

    /// Told here, since whoever waits for the answer may have gone.
    fn lost(&self, app: &str, error: WeChatError) -> Refused {
        tracing::error!(
            error = &error as &dyn std::error::Error,
            app,
            component = self.component,
            advice = "unless WeChat posts it again, and with more success, the app has to authorise the platform \
                      again: 'wxgate component authorize' prints the link for its administrator",
            "authorisation.lost"
        );
        error.into()
    }

    async fn withdraw(&self, app: &str) -> Result<(), Refused> {
        let had_one = self.store.withdraw(app, &self.component, self.notice.created_at).await?;
        tracing::info!(app, component = self.component, had_one, "authorisation.withdrawn");
        Ok(())
    }
}

fn is_over(error: &WeChatError) -> bool {
    matches!(error, WeChatError::Refused(refusal) if CODE_OVER.contains(&refusal.errcode))
}
