//! The WeChat client's view of the directory: which app has which credentials.

use std::sync::Arc;

use wxgate_store::DirectoryWatch;
use wxgate_store::model::operate;
use wxgate_token::TokenKey;
use wxgate_wechat::{App, AppDirectory, TokenMode, WeChat};

/// Apps as the directory tells of them now.
#[derive(Clone, Debug)]
pub struct Apps(DirectoryWatch);

impl Apps {
    /// Apps of this directory.
    #[must_use]
    pub fn new(directory: DirectoryWatch) -> Self {
        Self(directory)
    }
}

impl AppDirectory for Apps {
    fn app(&self, app_id: &str) -> Option<Arc<App>> {
        let directory = self.0.now();
        let app = directory.apps.get(app_id).filter(|app| app.enabled)?;
        Some(Arc::new(App {
            app_id: app.app_id.clone(),
            secret: app.secret.clone()?,
            token_mode: match app.token {
                operate::TokenMode::Normal => TokenMode::Normal,
                operate::TokenMode::Stable => TokenMode::Stable,
            },
        }))
    }
}

/// Lets a mended app fetch its token at once: after failures the token keeper pauses for up to a
/// minute, which would close the app's gate again. Runs until cancelled.
pub async fn forget_failures_on_change(mut directory: DirectoryWatch, wechat: Arc<WeChat>) {
    loop {
        directory.changed().await;
        for app in directory.now().apps.keys() {
            wechat.tokens().forget_failures(&TokenKey::access(app.as_str()));
        }
    }
}
