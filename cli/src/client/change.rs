//! The flags of `client add` and `client set`, and what they make of a client.

use anyhow::Context as _;
use clap::Args;
use clap::builder::{PossibleValuesParser, TypedValueParser};
use wxgate_job::decide::OnAmbiguity;
use wxgate_secret::Secret;
use wxgate_signing::WebhookSecret;
use wxgate_store::model::operate::{CallbackFormat, Client, Signing};

use crate::{fields, interface};

/// A client to add.
#[derive(Args, Debug)]
pub(crate) struct AddArgs {
    /// The client's code, which comes with each of its requests.
    #[arg(long, value_name = "C", value_parser = fields::name)]
    code: String,
    /// The secret that signs its requests; made and shown once if not given.
    #[arg(long, value_name = "S", value_parser = fields::unchecked())]
    secret: Option<Secret>,
    /// The app that it acts for.
    #[arg(long, value_name = "A", value_parser = fields::name)]
    app_id: String,
    #[command(flatten)]
    fields: ClientFields,
}

/// What to change of a client; what is not named stays as it is.
#[derive(Args, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "flags of a command line are")]
pub(crate) struct SetArgs {
    /// The client's code.
    #[arg(long, value_name = "C", value_parser = fields::name)]
    code: String,
    /// The new secret that signs its requests.
    #[arg(long, value_name = "S", value_parser = fields::unchecked())]
    secret: Option<Secret>,
    /// Forget the secret, and the one before; requests are refused (108).
    #[arg(long, conflicts_with = "secret")]
    no_secret: bool,
    /// Forget what the secrets were before they were rotated: only the new ones count from now on.
    #[arg(long)]
    no_former: bool,
    /// Take the client's requests.
    #[arg(long, conflicts_with = "closed")]
    open: bool,
    /// Refuse the client's requests (105).
    #[arg(long)]
    closed: bool,
    /// The app that it acts for.
    #[arg(long, value_name = "A", value_parser = fields::name)]
    app_id: Option<String>,
    #[command(flatten)]
    fields: ClientFields,
}

/// What can be said when adding and when changing.
#[derive(Args, Debug)]
struct ClientFields {
    /// Interfaces it may call, separated by commas, or '*': all that hand out no secrets (new clients: '*').
    #[arg(long, value_name = "NAMES", value_delimiter = ',', value_parser = grant)]
    allow: Option<Vec<String>>,
    /// The secret that signs callbacks, whsec_… (new clients: made and shown once).
    #[arg(long, value_name = "K", value_parser = fields::unchecked())]
    callback_secret: Option<Secret>,
    /// How callbacks are written (new clients: form).
    #[arg(long, value_name = "FORMAT", value_parser = one_of(["form", "json"], CallbackFormat::parse))]
    callback_format: Option<CallbackFormat>,
    /// Which signatures are taken (new clients: both).
    #[arg(long, value_name = "SCHEME", value_parser = one_of(["md5", "hmac", "both"], Signing::parse))]
    signing: Option<Signing>,
    /// What to do with a message when nobody can know whether it went out (new clients: resend).
    #[arg(long, value_name = "CHOICE", value_parser = one_of(["resend", "fail"], OnAmbiguity::parse))]
    ambiguous: Option<OnAmbiguity>,
}

/// One of some names, listed in the help.
fn one_of<T: Clone + Send + Sync + 'static, const N: usize>(
    names: [&'static str; N],
    parse: fn(&str) -> Option<T>,
) -> impl TypedValueParser<Value = T> {
    PossibleValuesParser::new(names).try_map(move |name| parse(&name).ok_or("no such choice"))
}

/// One element of `--allow`.
fn grant(text: &str) -> Result<String, String> {
    if text == "*" { Ok(text.to_owned()) } else { interface::name(text) }
}

/// Secrets that were made, to be shown once.
#[derive(Debug, Default)]
pub(super) struct Made {
    pub(super) secret: Option<Secret>,
    pub(super) callback_secret: Option<Secret>,
}

impl Made {
    /// Makes what the client lacks.
    fn complete(client: &mut Client) -> Self {
        let mut made = Self::default();
        if client.secret.is_none() {
            made.secret = Some(new_secret());
            client.secret.clone_from(&made.secret);
        }
        if client.callback_secret.is_none() {
            made.callback_secret = Some(WebhookSecret::generate().to_text());
            client.callback_secret.clone_from(&made.callback_secret);
        }
        made
    }
}

/// 256 bits from the thread's cryptographic generator.
pub(super) fn new_secret() -> Secret {
    Secret::new(hex::encode(rand::random::<[u8; 32]>()))
}

/// A callback secret as typed.
///
/// # Errors
/// When it signs no webhooks; `flag` names where it was typed.
pub(super) fn callback_secret(flag: &'static str, secret: Secret) -> anyhow::Result<Secret> {
    WebhookSecret::parse(&secret).with_context(|| format!("{flag} cannot be used"))?;
    Ok(secret)
}

impl AddArgs {
    /// The client, and the secrets made for it.
    ///
    /// # Errors
    /// Says which flag has an unusable value.
    pub(super) fn into_client(self) -> anyhow::Result<(Client, Made)> {
        let mut client = Client {
            code: self.code,
            secret: self.secret.map(|secret| fields::secret("--secret", secret)).transpose()?,
            former_secret: None,
            app_id: Some(self.app_id),
            open: true,
            allow: vec!["*".to_owned()],
            callback_secret: None,
            former_callback_secret: None,
            callback_format: CallbackFormat::default(),
            signing: Signing::default(),
            on_ambiguity: OnAmbiguity::default(),
        };
        self.fields.apply(&mut client)?;
        let made = Made::complete(&mut client);
        Ok((client, made))
    }
}

impl SetArgs {
    pub(super) fn code(&self) -> &str {
        &self.code
    }

    /// The client with these changes.
    ///
    /// # Errors
    /// Says which flag has an unusable value.
    pub(super) fn changed(self, client: &Client) -> anyhow::Result<Client> {
        let mut client = client.clone();
        if let Some(secret) = self.secret {
            client.secret = Some(fields::secret("--secret", secret)?);
        }
        if self.no_secret {
            client.secret = None;
            client.former_secret = None;
        }
        if self.no_former {
            client.former_secret = None;
            client.former_callback_secret = None;
        }
        client.open = self.open || client.open && !self.closed;
        client.app_id = self.app_id.or(client.app_id);
        self.fields.apply(&mut client)?;
        Ok(client)
    }
}

impl ClientFields {
    fn apply(self, client: &mut Client) -> anyhow::Result<()> {
        if let Some(secret) = self.callback_secret {
            client.callback_secret = Some(callback_secret("--callback-secret", secret)?);
        }
        if let Some(allow) = self.allow {
            client.allow = allow;
        }
        client.callback_format = self.callback_format.unwrap_or(client.callback_format);
        client.signing = self.signing.unwrap_or(client.signing);
        client.on_ambiguity = self.ambiguous.unwrap_or(client.on_ambiguity);
        Ok(())
    }
}
