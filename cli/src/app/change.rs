//! The flags of `app add` and `app set`, and what they make of an app.

use anyhow::bail;
use clap::builder::{PossibleValuesParser, TypedValueParser as _};
use clap::{ArgAction, Args};
use wxgate_secret::Secret;
use wxgate_store::model::operate::{App, TokenMode};

use crate::fields::{self, Limit};

/// An app to add.
#[derive(Args, Debug)]
pub(crate) struct AddArgs {
    /// The app's id, from WeChat's console.
    #[arg(long, value_name = "A", value_parser = fields::name)]
    app_id: String,
    /// The app's secret (`AppSecret`), from WeChat's console; an app on a platform needs none.
    #[arg(long, value_name = "S", value_parser = fields::unchecked(), required_unless_present = "component_appid")]
    secret: Option<Secret>,
    #[command(flatten)]
    fields: AppFields,
}

/// What to change of an app; what is not named stays as it is.
#[expect(clippy::struct_excessive_bools, reason = "each is a flag that an operator types")]
#[derive(Args, Debug)]
pub(crate) struct SetArgs {
    /// The app's id.
    #[arg(long, value_name = "A", value_parser = fields::name)]
    app_id: String,
    /// The app's new secret (`AppSecret`).
    #[arg(long, value_name = "S", value_parser = fields::unchecked())]
    secret: Option<Secret>,
    /// Forget the secret; requests for the app are refused (113).
    #[arg(long, conflicts_with = "secret")]
    no_secret: bool,
    /// Call the app with its own secret again, not through a platform.
    #[arg(long, conflicts_with_all = ["component_appid", "refresh_token"])]
    no_component: bool,
    /// Take requests for the app.
    #[arg(long, conflicts_with = "disabled")]
    enabled: bool,
    /// Refuse requests for the app (112).
    #[arg(long)]
    disabled: bool,
    #[command(flatten)]
    fields: AppFields,
}

/// What can be said when adding and when changing.
#[derive(Args, Debug)]
struct AppFields {
    /// The token by which WeChat's pushes are verified.
    #[arg(long, value_name = "T", value_parser = fields::unchecked())]
    event_token: Option<Secret>,
    /// The `EncodingAESKey` by which WeChat's pushes are decrypted.
    #[arg(long, value_name = "K", value_parser = fields::unchecked())]
    aes_key: Option<Secret>,
    /// The third-party platform that the app is called through.
    #[arg(long, value_name = "P", value_parser = fields::name)]
    component_appid: Option<String>,
    /// The refresh token of the app's authorisation, where it was given before the gateway heard of it.
    #[arg(long, value_name = "R", value_parser = fields::unchecked())]
    refresh_token: Option<Secret>,
    /// Which access token to use: 'stable' when others fetch tokens of this app too.
    #[arg(long, value_name = "KIND", value_parser = token_mode())]
    token: Option<TokenMode>,
    /// Most calls a second in one worker process, or 'none'.
    #[arg(long, value_name = "N", value_parser = fields::limit)]
    rate: Option<Limit>,
    /// Most calls at the same time in one worker process, or 'none'.
    #[arg(long, value_name = "N", value_parser = fields::limit)]
    concurrency: Option<Limit>,
    /// Refuse WeChat's pushes that are not encrypted ('=false' to take them again).
    #[arg(long, action = ArgAction::Set, num_args = 0..=1, require_equals = true, default_missing_value = "true")]
    #[arg(value_name = "true|false")]
    safe_push_only: Option<bool>,
}

fn token_mode() -> impl clap::builder::TypedValueParser<Value = TokenMode> {
    let names = [TokenMode::Normal, TokenMode::Stable].map(TokenMode::as_str);
    PossibleValuesParser::new(names)
        .try_map(|name| TokenMode::parse(&name).ok_or("no such kind of access token"))
}

impl AddArgs {
    /// # Errors
    /// Says which flag has an unusable value.
    pub(super) fn into_app(self) -> anyhow::Result<NewApp> {
        let secret = self.secret.map(|secret| fields::secret("--secret", secret)).transpose()?;
        let app = App {
            app_id: self.app_id,
            enabled: true,
            secret,
            token: TokenMode::default(),
            event_token: None,
            aes_key: None,
            component_appid: None,
            authorised: false,
            safe_push_only: false,
            rate: None,
            concurrency: None,
        };
        self.fields.apply(app)
    }
}

impl SetArgs {
    pub(super) fn app_id(&self) -> &str {
        &self.app_id
    }

    /// The app with these changes.
    ///
    /// # Errors
    /// Says which flag has an unusable value.
    pub(super) fn changed(self, app: &App) -> anyhow::Result<NewApp> {
        let mut app = app.clone();
        if let Some(secret) = self.secret {
            app.secret = Some(fields::secret("--secret", secret)?);
        }
        if self.no_secret {
            app.secret = None;
        }
        if self.no_component {
            app.component_appid = None;
        }
        app.enabled = self.enabled || app.enabled && !self.disabled;
        self.fields.apply(app)
    }
}

/// An app as it is to be, and the refresh token of its authorisation if that was given.
pub(super) struct NewApp {
    pub(super) app: App,
    pub(super) refresh_token: Option<Secret>,
}

impl AppFields {
    fn apply(self, mut app: App) -> anyhow::Result<NewApp> {
        if let Some(token) = self.event_token {
            app.event_token = Some(fields::push_token("--event-token", token)?);
        }
        if let Some(key) = self.aes_key {
            app.aes_key = Some(fields::aes_key(key)?);
        }
        app.component_appid = self.component_appid.or(app.component_appid);
        let refresh_token =
            self.refresh_token.map(|token| fields::secret("--refresh-token", token)).transpose()?;
        if refresh_token.is_some() && app.component_appid.is_none() {
            bail!(
                "--refresh-token needs --component-appid as well: it comes with an authorisation of that platform"
            );
        }
        app.token = self.token.unwrap_or(app.token);
        app.rate = self.rate.map_or(app.rate, |limit| limit.0);
        app.concurrency = self.concurrency.map_or(app.concurrency, |limit| limit.0);
        app.safe_push_only = self.safe_push_only.unwrap_or(app.safe_push_only);
        check_pushes(&app)?;
        Ok(NewApp { app, refresh_token })
    }
}

/// Pushes are verified before they are decrypted, and must be decryptable when others are refused. Those
/// of an app on a platform come with the platform's token and key.
fn check_pushes(app: &App) -> anyhow::Result<()> {
    if app.aes_key.is_some() && app.event_token.is_none() {
        bail!("--aes-key needs --event-token as well: pushes are verified by it before they are decrypted");
    }
    if app.safe_push_only && app.aes_key.is_none() && app.component_appid.is_none() {
        bail!("--safe-push-only needs --aes-key: without it every push would be refused");
    }
    Ok(())
}
