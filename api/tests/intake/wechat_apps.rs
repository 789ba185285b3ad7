//! The apps of a test's directory, as the client of WeChat asks for them.

use std::sync::Arc;

use async_trait::async_trait;
use wxgate_secret::Secret;
use wxgate_store::{Directory, Store};
use wxgate_token::TokenStoreError;
use wxgate_wechat::{App, AppDirectory, Component, PlatformApp, TokenMode};

pub struct WeChatApps {
    directory: Directory,
    store: Arc<dyn Store>,
}

impl WeChatApps {
    pub fn of(directory: &Directory, store: &Arc<dyn Store>) -> Self {
        Self { directory: directory.clone(), store: Arc::clone(store) }
    }
}

#[async_trait]
impl AppDirectory for WeChatApps {
    fn app(&self, app_id: &str) -> Option<Arc<App>> {
        let app = self.directory.apps.get(app_id)?;
        let platform = app.component_appid.clone().map(|component_appid| PlatformApp { component_appid });
        Some(Arc::new(App {
            app_id: app_id.to_owned(),
            secret: app.secret.clone(),
            token_mode: TokenMode::Normal,
            platform,
        }))
    }

    fn component(&self, component_appid: &str) -> Option<Arc<Component>> {
        Some(Arc::new(Component {
            appid: component_appid.to_owned(),
            secret: Secret::new("component-secret"),
        }))
    }

    /// A platform that is not stored needs no push for its ticket.
    async fn verify_ticket(&self, component_appid: &str) -> Result<Option<Secret>, TokenStoreError> {
        if self.store.directory().await.unwrap().components.contains_key(component_appid) {
            return Ok(self.store.verify_ticket(component_appid).await.unwrap());
        }
        Ok(Some(Secret::new("verify-ticket")))
    }

    async fn refresh_token(&self, _app_id: &str) -> Result<Option<Secret>, TokenStoreError> {
        Ok(Some(Secret::new("refresh-token")))
    }
}
