//! The WeChat client's view of the directory: which app has which credentials.

use std::collections::HashSet;
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
pub async fn forget_failures_of_opened_gates(mut directory: DirectoryWatch, wechat: Arc<WeChat>) {
    let mut closed = closed_apps(&directory);
    loop {
        directory.changed().await;
        let still_closed = closed_apps(&directory);
        for app in closed.difference(&still_closed) {
            wechat.tokens().forget_failures(&TokenKey::access(app.as_str()));
        }
        closed = still_closed;
    }
}

fn closed_apps(directory: &DirectoryWatch) -> HashSet<String> {
    directory.now().gates.iter().map(|gate| gate.app_id.clone()).collect()
}
