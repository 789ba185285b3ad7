//! The flags of `component add` and `component set`, and what they make of a platform.

use clap::Args;
use wxgate_secret::Secret;
use wxgate_store::model::platform::Component;

use crate::fields;

/// A platform to add. All of it is in the settings of the platform at open.weixin.qq.com.
#[derive(Args, Debug)]
pub(crate) struct AddArgs {
    /// The platform's id (`component_appid`).
    #[arg(long, value_name = "P", value_parser = fields::name)]
    component_appid: String,
    /// The platform's secret (`component_appsecret`).
    #[arg(long, value_name = "S", value_parser = fields::unchecked())]
    secret: Secret,
    /// The token by which WeChat's pushes are verified, for the platform and for its apps.
    #[arg(long, value_name = "T", value_parser = fields::unchecked())]
    token: Secret,
    /// The key by which those pushes are decrypted.
    #[arg(long, value_name = "K", value_parser = fields::unchecked())]
    aes_key: Secret,
}

/// What to change of a platform; what is not named stays as it is.
#[derive(Args, Debug)]
pub(crate) struct SetArgs {
    /// The platform's id (`component_appid`).
    #[arg(long, value_name = "P", value_parser = fields::name)]
    component_appid: String,
    /// The platform's new secret (`component_appsecret`).
    #[arg(long, value_name = "S", value_parser = fields::unchecked())]
    secret: Option<Secret>,
    /// The token by which WeChat's pushes are verified, for the platform and for its apps.
    #[arg(long, value_name = "T", value_parser = fields::unchecked())]
    token: Option<Secret>,
    /// The key by which those pushes are decrypted.
    #[arg(long, value_name = "K", value_parser = fields::unchecked())]
    aes_key: Option<Secret>,
}

impl AddArgs {
    /// # Errors
    /// Says which flag has an unusable value.
    pub(super) fn into_component(self) -> anyhow::Result<Component> {
        Ok(Component {
            appid: self.component_appid,
            secret: fields::secret("--secret", self.secret)?,
            token: fields::push_token("--token", self.token)?,
            aes_key: fields::aes_key("--aes-key", self.aes_key)?,
            verify_ticket: None,
        })
    }
}

impl SetArgs {
    pub(super) fn appid(&self) -> &str {
        &self.component_appid
    }

    /// The platform with these changes.
    ///
    /// # Errors
    /// Says which flag has an unusable value.
    pub(super) fn changed(self, component: &Component) -> anyhow::Result<Component> {
        let mut component = component.clone();
        if let Some(secret) = self.secret {
            component.secret = fields::secret("--secret", secret)?;
        }
        if let Some(token) = self.token {
            component.token = fields::push_token("--token", token)?;
        }
        if let Some(key) = self.aes_key {
            component.aes_key = fields::aes_key("--aes-key", key)?;
        }
        Ok(component)
    }
}
