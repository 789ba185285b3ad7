//! Third-party platforms, which act for apps that have authorised them.

use wxgate_secret::Secret;

/// A third-party platform.
#[derive(Clone, Debug)]
pub struct Component {
    /// `component_appid`.
    pub appid: String,
    /// Its secret.
    pub secret: Secret,
    /// Verifies pushes, its own and those of its apps.
    pub token: Secret,
    /// Decrypts pushes: 43 characters.
    pub aes_key: Secret,
    /// The newest ticket that WeChat pushed.
    pub verify_ticket: Option<Secret>,
}
