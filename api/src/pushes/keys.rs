//! What a push is verified and decrypted with.

use wxgate_push::AesKey;
use wxgate_secret::Secret;
use wxgate_store::Directory;
use wxgate_store::model::platform::Component;

use super::refused::Refused;

/// The keys of one address.
#[derive(Debug)]
pub(super) struct Keys {
    /// Signs.
    pub(super) token: Secret,
    /// Encrypts: 43 characters.
    aes_key: Option<Secret>,
    /// Whose name is in the envelope.
    pub(super) owner: String,
    /// Nothing unencrypted is taken.
    pub(super) sealed_only: bool,
}

impl Keys {
    /// Of an app's address. WeChat signs and encrypts pushes of an app that has a third-party platform
    /// with the platform's token and key, and in its name, always.
    pub(super) fn of_app(directory: &Directory, app_id: &str) -> Result<Self, Refused> {
        let app = directory.apps.get(app_id).ok_or(Refused::Unexpected)?;
        if let Some(component) = &app.component_appid {
            return Self::of_component(directory, component);
        }
        let token = app.event_token.clone().ok_or(Refused::Unexpected)?;
        let owner = app.app_id.clone();
        Ok(Self { token, aes_key: app.aes_key.clone(), owner, sealed_only: app.safe_push_only })
    }

    /// Of a platform's own address, where WeChat posts encrypted alone.
    pub(super) fn of_component(directory: &Directory, appid: &str) -> Result<Self, Refused> {
        let component: &Component = directory.components.get(appid).ok_or(Refused::Unexpected)?;
        Ok(Self {
            token: component.token.clone(),
            aes_key: Some(component.aes_key.clone()),
            owner: component.appid.clone(),
            sealed_only: true,
        })
    }

    /// The key, if there is a usable one.
    pub(super) fn aes_key(&self) -> Result<AesKey, Refused> {
        let text = self.aes_key.as_ref().ok_or(Refused::NoKey)?;
        AesKey::parse(text).map_err(|_unusable| Refused::NoKey)
    }
}
