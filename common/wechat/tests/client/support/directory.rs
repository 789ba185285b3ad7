//! The apps and platforms that there are.

use std::sync::Arc;

use async_trait::async_trait;
use wxgate_secret::Secret;
use wxgate_token::TokenStoreError;
use wxgate_token::testing::MemoryTokenStore;
use wxgate_token::testing::refresh_tokens::Accounts;
use wxgate_wechat::{App, AppDirectory, Component, PlatformApp, TokenMode};

use super::{APP, SECRET, STABLE_APP};

/// An app on [`COMPONENT`]; a test has to let it authorise the platform.
pub const PLATFORM_APP: &str = "wx5andb0x00000003";
/// An app on [`WAITING_COMPONENT`].
pub const WAITING_APP: &str = "wx5andb0x00000004";
/// A platform that WeChat has pushed a ticket to.
pub const COMPONENT: &str = "wx5andbc0mp000001";
/// A platform that waits for its first ticket.
pub const WAITING_COMPONENT: &str = "wx5andbc0mp000002";

/// Refresh tokens are where the tokens are.
pub struct Directory(Arc<MemoryTokenStore>);

impl Directory {
    pub fn new(store: Arc<MemoryTokenStore>) -> Self {
        Self(store)
    }
}

#[async_trait]
impl AppDirectory for Directory {
    fn app(&self, app_id: &str) -> Option<Arc<App>> {
        let (token_mode, component_appid) = match app_id {
            APP => (TokenMode::Normal, None),
            STABLE_APP => (TokenMode::Stable, None),
            PLATFORM_APP => (TokenMode::Normal, Some(COMPONENT)),
            WAITING_APP => (TokenMode::Normal, Some(WAITING_COMPONENT)),
            _ => return None,
        };
        let platform = component_appid.map(|appid| PlatformApp { component_appid: appid.to_owned() });
        let secret = platform.is_none().then(|| Secret::new(SECRET));
        Some(Arc::new(App { app_id: app_id.to_owned(), secret, token_mode, platform }))
    }

    fn component(&self, component_appid: &str) -> Option<Arc<Component>> {
        let is_known = [COMPONENT, WAITING_COMPONENT].contains(&component_appid);
        let (appid, secret) = (component_appid.to_owned(), Secret::new(SECRET));
        is_known.then(|| Arc::new(Component { appid, secret }))
    }

    async fn verify_ticket(&self, component_appid: &str) -> Result<Option<Secret>, TokenStoreError> {
        Ok((component_appid == COMPONENT).then(|| Secret::new("CANARY-VERIFY-TICKET")))
    }

    async fn refresh_token(&self, app_id: &str) -> Result<Option<Secret>, TokenStoreError> {
        Ok(Accounts::refresh_token(&*self.0, app_id).await)
    }
}
