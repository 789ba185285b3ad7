//! `wxgate sign`: a request signed as a caller would sign it, each step shown.

mod params;
mod request;

use anyhow::{Context as _, bail};
use clap::Args;
use serde::Serialize;
use wxgate_secret::Secret;
use wxgate_settings::{BaseUrl, Settings};
use wxgate_signing::{hmac_sha256, md5};

use self::params::{Param, Params};
use crate::output::{Output, Shown};
use crate::{client, fields, interface, open};

/// Stands in for a secret that comes from the store: what is kept there is never shown.
const STAND_IN: &str = "<client_secret>";

/// What to sign.
#[derive(Args, Debug)]
pub(crate) struct SignArgs {
    /// The request's parameters, as they are, without any escaping.
    #[arg(value_name = "NAME=VALUE")]
    params: Vec<Param>,
    /// The interface to be called.
    #[arg(long, value_name = "NAME", default_value = "async_send_tpl", value_parser = interface::name)]
    interface: String,
    /// The secret to sign with.
    #[arg(long, value_name = "S", value_parser = fields::unchecked)]
    secret: Option<Secret>,
    /// Sign as this client, with its secret from the store; the client that `client_code=` names unless told
    /// otherwise.
    #[arg(long, value_name = "CODE", conflicts_with = "secret")]
    client: Option<String>,
    /// Use the strong scheme (HMAC-SHA256), which binds names and the interface too.
    #[arg(long)]
    hmac: bool,
    /// Where the gateway is reached; `WXGATE_PUBLIC_URL` unless told otherwise.
    #[arg(long, value_name = "BASE", value_parser = |text: &str| text.parse::<BaseUrl>())]
    url: Option<BaseUrl>,
}

/// Signs and prints.
pub(crate) async fn run(settings: &Settings, args: SignArgs, output: Output) -> anyhow::Result<()> {
    let mut params = Params::new(args.params)?;
    if let Some(code) = &args.client {
        params.add_if_absent("client_code", code);
    }
    params.add_if_absent("req_time", &crate::local_time::now_seconds().to_string());
    let (secret, shown_secret) = match args.secret {
        Some(secret) => (fields::secret("--secret", secret.clone())?, secret),
        None => (kept_secret(settings, &params).await?, Secret::new(STAND_IN)),
    };
    let pairs = || params.pairs();
    let (signed_text, authcode) = match args.hmac {
        false => (
            md5::string_a(pairs(), &shown_secret).expose().to_owned(),
            md5::authcode(pairs(), &secret).to_string(),
        ),
        true => (
            params.hmac_text(&args.interface),
            hmac_sha256::authcode(&args.interface, pairs(), &secret).to_string(),
        ),
    };
    let base = args.url.unwrap_or_else(|| settings.public_url.clone());
    let url = request::url(&base, &args.interface, &authcode);
    let body = params.encoded();
    let curl = request::curl(&url, &body);
    output.show(&Signed {
        scheme: if args.hmac { "hmac" } else { "md5" },
        signed_text,
        authcode,
        url,
        body,
        curl,
    })
}

/// The secret of the client that the request names.
async fn kept_secret(settings: &Settings, params: &Params) -> anyhow::Result<Secret> {
    let Some(code) = params.get("client_code") else {
        bail!("whose secret? give --secret, or --client for one that is in the store");
    };
    let directory = open::for_operator(settings).await?.directory().await?;
    let client = directory.clients.get(code).with_context(|| client::unknown(code))?;
    client
        .secret
        .clone()
        .with_context(|| format!("client {code} has no secret: give one with 'wxgate client set'"))
}

/// A signed request, step by step.
#[derive(Debug, Serialize)]
struct Signed {
    scheme: &'static str,
    /// `stringA` of the document, or what the strong scheme signs.
    #[serde(rename = "string_a")]
    signed_text: String,
    authcode: String,
    url: String,
    body: String,
    curl: String,
}

impl Shown for Signed {
    fn text(&self) -> String {
        let label = if self.scheme == "md5" { "stringA " } else { "text    " };
        // The strong scheme's text has a line break of its own.
        let text = self.signed_text.replace('\n', "\\n");
        format!("{label}  {text}\nauthcode  {}\n\n{}", self.authcode, self.curl)
    }
}
