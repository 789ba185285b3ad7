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
use crate::local_time::now_seconds;
use crate::output::{Output, Shown};
use crate::table::labelled;
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
    #[arg(long, value_name = "S", value_parser = fields::unchecked())]
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
pub(crate) async fn run(settings: &Settings, mut args: SignArgs, output: Output) -> anyhow::Result<()> {
    let params = args.completed_params()?;
    let secret = match args.secret.take() {
        Some(secret) => Key::Given(fields::secret("--secret", secret)?),
        None => Key::Kept(kept_secret(settings, &params).await?),
    };
    let base = args.url.as_ref().unwrap_or(&settings.public_url);
    let (text, authcode) = args.sign(&params, &secret);
    let url = request::url(base, &args.interface, &authcode);
    let body = params.encoded();
    let curl = request::curl(&url, &body);
    output.show(&Signed { scheme: args.scheme(), string_a: text, authcode, url, body, curl })
}

/// A client's secret.
enum Key {
    /// The operator gave it, and may see it again.
    Given(Secret),
    /// From the store: not to be shown.
    Kept(Secret),
}

impl Key {
    const fn secret(&self) -> &Secret {
        match self {
            Self::Given(secret) | Self::Kept(secret) => secret,
        }
    }

    /// What is shown in the secret's place.
    fn shown(&self) -> Secret {
        match self {
            Self::Given(secret) => secret.clone(),
            Self::Kept(_) => Secret::new(STAND_IN),
        }
    }
}

impl SignArgs {
    fn completed_params(&mut self) -> anyhow::Result<Params> {
        let mut params = Params::new(std::mem::take(&mut self.params))?;
        if let Some(code) = &self.client {
            params.add_if_absent("client_code", code);
        }
        params.add_if_absent("req_time", &now_seconds().to_string());
        Ok(params)
    }

    const fn scheme(&self) -> &'static str {
        if self.hmac { "hmac" } else { "md5" }
    }

    /// The text that is signed, and the authcode.
    fn sign(&self, params: &Params, key: &Key) -> (String, String) {
        if self.hmac {
            let authcode = hmac_sha256::authcode(&self.interface, params.pairs(), key.secret());
            (params.hmac_text(&self.interface), authcode.to_string())
        } else {
            let text = md5::string_a(params.pairs(), &key.shown());
            (text.expose().to_owned(), md5::authcode(params.pairs(), key.secret()).to_string())
        }
    }
}

/// The secret of the client that the request names.
async fn kept_secret(settings: &Settings, params: &Params) -> anyhow::Result<Secret> {
    let Some(code) = params.get("client_code") else {
        bail!("whose secret? give --secret, or --client for one that is in the store");
    };
    let directory = open::for_operator(settings).await?.directory().await?;
    let client = directory.clients.get(code).with_context(|| client::unknown(code))?;
    let missing = || format!("client {code} has no secret: give it one with 'wxgate client set'");
    client.secret.clone().with_context(missing)
}

/// A signed request, step by step.
#[derive(Debug, Serialize)]
struct Signed {
    scheme: &'static str,
    /// `stringA` of the document, or what the strong scheme signs in its place.
    string_a: String,
    authcode: String,
    url: String,
    body: String,
    curl: String,
}

impl Shown for Signed {
    fn text(&self) -> String {
        let label = if self.scheme == "md5" { "stringA" } else { "text" };
        // The strong scheme's text has a line break of its own.
        let text = self.string_a.replace('\n', "\\n");
        let steps = labelled(vec![(label, text), ("authcode", self.authcode.clone())]);
        format!("{steps}\n\n{}", self.curl)
    }
}
