//! The WeChat client's view of the directory: which app and which platform has which credentials.

use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use wxgate_secret::Secret;
use wxgate_store::model::operate;
use wxgate_store::{DirectoryWatch, Store, StoreError};
use wxgate_token::{TokenKey, TokenKind, TokenStoreError};
use wxgate_wechat::{App, AppDirectory, Component, PlatformApp, TokenMode, WeChat};

/// Apps and platforms as the directory tells of them now, tickets and refresh tokens as they are stored.
#[derive(Clone)]
pub struct Apps {
    directory: DirectoryWatch,
    store: Arc<dyn Store>,
}

impl Apps {
    /// Apps of this directory, which is that of the store.
    #[must_use]
    pub fn new(directory: DirectoryWatch, store: Arc<dyn Store>) -> Self {
        Self { directory, store }
    }
}

#[async_trait]
impl AppDirectory for Apps {
    fn app(&self, app_id: &str) -> Option<Arc<App>> {
        let directory = self.directory.now();
        let app = directory.apps.get(app_id).filter(|app| app.enabled)?;
        let platform = |component_appid: &String| PlatformApp { component_appid: component_appid.clone() };
        Some(Arc::new(App {
            app_id: app.app_id.clone(),
            secret: app.secret.clone(),
            token_mode: match app.token {
                operate::TokenMode::Normal => TokenMode::Normal,
                operate::TokenMode::Stable => TokenMode::Stable,
            },
            platform: app.component_appid.as_ref().map(platform),
        }))
    }

    fn component(&self, component_appid: &str) -> Option<Arc<Component>> {
        let directory = self.directory.now();
        let component = directory.components.get(component_appid)?;
        Some(Arc::new(Component { appid: component.appid.clone(), secret: component.secret.clone() }))
    }

    async fn verify_ticket(&self, component_appid: &str) -> Result<Option<Secret>, TokenStoreError> {
        self.store.verify_ticket(component_appid).await.map_err(unread)
    }

    async fn refresh_token(&self, app_id: &str) -> Result<Option<Secret>, TokenStoreError> {
        self.store.refresh_token(app_id).await.map_err(unread)
    }
}

fn unread(error: StoreError) -> TokenStoreError {
    match error {
        StoreError::Sealed { .. } => TokenStoreError::Unreadable(Box::new(error)),
        _ => TokenStoreError::Unavailable(Box::new(error)),
    }
}

impl fmt::Debug for Apps {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Apps").finish_non_exhaustive()
    }
}

/// Lets a mended app or platform fetch its tokens at once: after failures the token keeper pauses for
/// up to a minute, which would close the app's gate again. Runs until cancelled.
pub async fn forget_failures_on_change(mut directory: DirectoryWatch, wechat: Arc<WeChat>) {
    loop {
        directory.changed().await;
        let now = directory.now();
        for component in now.components.keys() {
            wechat.tokens().forget_failures(&TokenKey::component(component.as_str()));
        }
        for app in now.apps.keys() {
            for kind in [TokenKind::Access, TokenKind::JsapiTicket, TokenKind::CardTicket] {
                wechat.tokens().forget_failures(&TokenKey { app: app.clone(), kind });
            }
        }
    }
}
