//! What the client has to know of apps and third-party platforms, and who tells it.

use std::sync::Arc;

use async_trait::async_trait;
use wxgate_secret::Secret;
use wxgate_token::TokenStoreError;

/// Which of WeChat's two kinds of access token an app uses. They are isolated: fetching one does
/// not retire the other.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum TokenMode {
    /// `cgi-bin/token`: each fetch retires the token before it. For an app that nobody else
    /// fetches tokens for.
    #[default]
    Normal,
    /// `cgi-bin/stable_token`: all who ask get the same token.
    Stable,
}

/// What is needed to call WeChat as an app.
#[derive(Clone, Debug)]
pub struct App {
    /// The app id that WeChat gave.
    pub app_id: String,
    /// The app secret (WeChat: `AppSecret`). Nothing works without it but an app on a platform.
    pub secret: Option<Secret>,
    /// Which kind of token it uses; of no account to an app on a platform.
    pub token_mode: TokenMode,
    /// The third-party platform that the app has authorised, if it is called through one.
    pub platform: Option<PlatformApp>,
}

/// How an app is called through a third-party platform. Its refresh token is not here, since it
/// must never be an old one: see [`AppDirectory::refresh_token`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlatformApp {
    /// The platform.
    pub component_appid: String,
}

/// A third-party platform. Its ticket is not here: see [`AppDirectory::verify_ticket`].
#[derive(Clone, Debug)]
pub struct Component {
    /// Its `component_appid`.
    pub appid: String,
    /// Its `component_appsecret`.
    pub secret: Secret,
}

/// Finds apps and platforms; they come and go while the gateway runs.
#[async_trait]
pub trait AppDirectory: Send + Sync {
    /// The app as it stands now; `None` when it is unknown or disabled.
    fn app(&self, app_id: &str) -> Option<Arc<App>>;

    /// The platform as it stands now; `None` when it is unknown. Some seconds of age do no harm.
    fn component(&self, component_appid: &str) -> Option<Arc<Component>>;

    /// The newest `component_verify_ticket` that WeChat pushed to the platform; each works for 12 hours.
    /// `None` until the first push.
    ///
    /// Read from the store at every call: an authorisation may be pushed right after the first ticket,
    /// three times within seconds, and none of them can wait for a copy in memory to be renewed.
    ///
    /// # Errors
    /// [`TokenStoreError`].
    async fn verify_ticket(&self, component_appid: &str) -> Result<Option<Secret>, TokenStoreError>;

    /// The refresh token of an app on a platform; `None` while it has not authorised the platform.
    ///
    /// Read from the store at every call, in which `TokenStore::finish_refresh` has put the last
    /// one: WeChat hands out a new one with each refresh, in whichever process, and may refuse the
    /// one before. So a copy in memory will not do.
    ///
    /// # Errors
    /// [`TokenStoreError`].
    async fn refresh_token(&self, app_id: &str) -> Result<Option<Secret>, TokenStoreError>;
}
