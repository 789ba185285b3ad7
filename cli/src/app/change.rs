//! The flags of `app add` and `app set`, and the change that they ask for.

use anyhow::anyhow;
use clap::builder::{PossibleValuesParser, TypedValueParser as _};
use clap::{ArgAction, Args};
use wxgate_operate::app::{AppChange, AppError, Edit};
use wxgate_operate::fields::InvalidField;
use wxgate_secret::Secret;
use wxgate_store::model::operate::TokenMode;

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
    /// The app's id, and what it is to be like.
    pub(super) fn into_change(self) -> (String, AppChange) {
        let secret = self.secret.map_or(Edit::Keep, Edit::Set);
        (self.app_id, AppChange { secret, ..self.fields.into_change() })
    }
}

impl SetArgs {
    /// The app's id, and what is to change of it.
    pub(super) fn into_change(self) -> (String, AppChange) {
        let fields = self.fields.into_change();
        let secret = match self.secret {
            Some(secret) => Edit::Set(secret),
            None if self.no_secret => Edit::Clear,
            None => Edit::Keep,
        };
        let component_appid = if self.no_component { Edit::Clear } else { fields.component_appid };
        let enabled = (self.enabled || self.disabled).then_some(self.enabled);
        (self.app_id, AppChange { secret, component_appid, enabled, ..fields })
    }
}

impl AppFields {
    fn into_change(self) -> AppChange {
        AppChange {
            event_token: self.event_token,
            aes_key: self.aes_key,
            component_appid: self.component_appid.map_or(Edit::Keep, Edit::Set),
            refresh_token: self.refresh_token,
            token: self.token,
            rate: edit(self.rate),
            concurrency: edit(self.concurrency),
            safe_push_only: self.safe_push_only,
            ..AppChange::default()
        }
    }
}

fn edit(limit: Option<Limit>) -> Edit<u32> {
    match limit {
        None => Edit::Keep,
        Some(Limit(None)) => Edit::Clear,
        Some(Limit(Some(number))) => Edit::Set(number),
    }
}

/// Why an app is as it was, its fields named as the flags that set them.
pub(super) fn in_flags(error: AppError) -> anyhow::Error {
    match error {
        AppError::Invalid(InvalidField::Rule(field, rule)) => anyhow!("--{field} {rule}"),
        AppError::Invalid(InvalidField::Needs(field, other, why)) => {
            anyhow!("--{field} needs --{other} as well: {why}")
        }
        other => other.into(),
    }
}
