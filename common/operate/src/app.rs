//! Adding an app and mending it.

use wxgate_secret::Secret;
use wxgate_store::model::operate::{App, TokenMode};
use wxgate_store::{Directory, Store, StoreError};

use crate::fields::{self, InvalidField};

/// What to do with a value that may be absent.
#[derive(Clone, Debug, Default)]
pub enum Edit<T> {
    /// Leave it as it is.
    #[default]
    Keep,
    /// Replace it.
    Set(T),
    /// Take it away.
    Clear,
}

impl<T> Edit<T> {
    fn apply(self, value: Option<T>) -> Option<T> {
        match self {
            Self::Keep => value,
            Self::Set(value) => Some(value),
            Self::Clear => None,
        }
    }
}

/// What to change of an app; what is not named stays as it is.
#[derive(Clone, Debug, Default)]
pub struct AppChange {
    /// Whether requests for it are taken.
    pub enabled: Option<bool>,
    /// `AppSecret`.
    pub secret: Edit<Secret>,
    /// Which access token it uses.
    pub token: Option<TokenMode>,
    /// Verifies pushes.
    pub event_token: Option<Secret>,
    /// Decrypts pushes.
    pub aes_key: Option<Secret>,
    /// The third-party platform that it is called through.
    pub component_appid: Edit<String>,
    /// The refresh token of its authorisation of that platform.
    pub refresh_token: Option<Secret>,
    /// Whether unencrypted pushes are refused.
    pub safe_push_only: Option<bool>,
    /// Calls a second at most, per worker process.
    pub rate: Edit<u32>,
    /// Calls at the same time at most, per worker process.
    pub concurrency: Edit<u32>,
}

/// Why an app is as it was.
#[derive(Debug, thiserror::Error)]
pub enum AppError {
    /// A value cannot be used.
    #[error(transparent)]
    Invalid(#[from] InvalidField),
    /// There is an app of this id already.
    #[error("there is an app {0} already: change it with 'wxgate app set --app-id {0}'")]
    Exists(String),
    /// There is none of this id.
    #[error("there is no app {0}: 'wxgate app list' lists them, 'wxgate app add' adds one")]
    Unknown(String),
    /// There is no platform of this id.
    #[error("there is no platform {0}: 'wxgate component list' lists them, 'wxgate component add' adds one")]
    UnknownComponent(String),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Adds an app that has just an id and what the change says.
///
/// # Errors
/// [`AppError`]; then there is no such app, or the one that there was is unchanged.
pub async fn add(store: &dyn Store, app_id: &str, change: AppChange) -> Result<(), AppError> {
    let directory = store.directory().await?;
    if directory.apps.contains_key(app_id) {
        return Err(AppError::Exists(app_id.to_owned()));
    }
    put(store, &directory, change.apply(blank(app_id))?).await
}

/// Changes an app, and opens its gates: whoever changes an app expects it to be tried now, not at the next
/// probe. With an empty change that is all it does.
///
/// # Errors
/// [`AppError`]; unless it is of the store, nothing was changed.
pub async fn set(store: &dyn Store, app_id: &str, change: AppChange) -> Result<(), AppError> {
    let directory = store.directory().await?;
    let app = directory.apps.get(app_id).ok_or_else(|| AppError::Unknown(app_id.to_owned()))?;
    put(store, &directory, change.apply(App::clone(app))?).await?;
    for gate in directory.gates.iter().filter(|gate| gate.app_id == app_id) {
        store.open_gate(&gate.app_id, &gate.kind).await?;
    }
    Ok(())
}

/// An app as it is to be, and the refresh token of its authorisation if that was given.
struct NewApp {
    app: App,
    refresh_token: Option<Secret>,
}

async fn put(store: &dyn Store, directory: &Directory, new: NewApp) -> Result<(), AppError> {
    let platform = new.app.component_appid.as_deref();
    let before = directory.apps.get(&new.app.app_id).and_then(|app| app.component_appid.as_deref());
    // An app whose platform was removed can still be changed.
    if let Some(platform) = platform.filter(|_| platform != before)
        && !directory.components.contains_key(platform)
    {
        return Err(AppError::UnknownComponent(platform.to_owned()));
    }
    store.put_app(&new.app).await?;
    if let (Some(platform), Some(refresh_token)) = (platform, &new.refresh_token) {
        store.authorise(&new.app.app_id, platform, refresh_token, None).await?;
    }
    Ok(())
}

fn blank(app_id: &str) -> App {
    App {
        app_id: app_id.to_owned(),
        enabled: true,
        secret: None,
        token: TokenMode::default(),
        event_token: None,
        aes_key: None,
        component_appid: None,
        authorised: false,
        safe_push_only: false,
        rate: None,
        concurrency: None,
    }
}

impl AppChange {
    fn apply(self, mut app: App) -> Result<NewApp, InvalidField> {
        let secret = match self.secret {
            Edit::Set(secret) => Edit::Set(fields::secret("secret", secret)?),
            other => other,
        };
        let refresh_token = self.refresh_token.map(|token| fields::secret("refresh-token", token));
        let event_token = self.event_token.map(|token| fields::push_token("event-token", token));
        let aes_key = self.aes_key.map(|key| fields::aes_key("aes-key", key));
        app.secret = secret.apply(app.secret);
        app.event_token = event_token.transpose()?.or(app.event_token);
        app.aes_key = aes_key.transpose()?.or(app.aes_key);
        app.component_appid = self.component_appid.apply(app.component_appid);
        app.enabled = self.enabled.unwrap_or(app.enabled);
        app.token = self.token.unwrap_or(app.token);
        app.rate = self.rate.apply(app.rate);
        app.concurrency = self.concurrency.apply(app.concurrency);
        app.safe_push_only = self.safe_push_only.unwrap_or(app.safe_push_only);
        let new = NewApp { app, refresh_token: refresh_token.transpose()? };
        new.check()?;
        Ok(new)
    }
}

impl NewApp {
    /// Pushes are verified before they are decrypted, and must be decryptable when others are refused.
    /// Those of an app on a platform come with the platform's token and key.
    fn check(&self) -> Result<(), InvalidField> {
        let Self { app, refresh_token } = self;
        let needs = |field, other, why| Err(InvalidField::Needs(field, other, why));
        if refresh_token.is_some() && app.component_appid.is_none() {
            return needs(
                "refresh-token",
                "component-appid",
                "it comes with an authorisation of that platform",
            );
        }
        if app.aes_key.is_some() && app.event_token.is_none() {
            return needs("aes-key", "event-token", "pushes are verified by it before they are decrypted");
        }
        if app.safe_push_only && app.aes_key.is_none() && app.component_appid.is_none() {
            return needs("safe-push-only", "aes-key", "without it every push would be refused");
        }
        Ok(())
    }
}
