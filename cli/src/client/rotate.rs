//! `wxgate client rotate`: a new secret, beside which the former one counts on for a while. So a caller, or a
//! receiver of callbacks, changes over whenever it likes within that time, and nobody is refused meanwhile.

use anyhow::bail;
use clap::{Args, ValueEnum};
use wxgate_secret::Secret;
use wxgate_signing::WebhookSecret;
use wxgate_store::model::operate::Client;
use wxgate_store::model::rotation::Former;

use super::change::{Made, callback_secret, new_secret};
use crate::fields;
use crate::local_time::local;

/// The longest that a former secret counts on (hours): thirty days. Whoever needs longer does not rotate.
const LONGEST: i64 = 720;

/// Which secret to replace, by what, and how long the former one counts on.
#[derive(Args, Debug)]
pub(crate) struct RotateArgs {
    /// The client's code.
    #[arg(long, value_name = "C", value_parser = fields::name)]
    code: String,
    /// Which secret.
    #[arg(value_enum)]
    which: Which,
    /// The new one; made and shown once if not given.
    #[arg(long, value_name = "S", value_parser = fields::unchecked())]
    to: Option<Secret>,
    /// How long the former one counts on.
    #[arg(long, value_name = "HOURS", default_value_t = 24, value_parser = clap::value_parser!(i64).range(1..=LONGEST))]
    grace_hours: i64,
}

/// A client's two secrets.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum Which {
    /// What signs its requests.
    Secret,
    /// What signs its callbacks.
    CallbackSecret,
}

impl RotateArgs {
    pub(super) fn code(&self) -> &str {
        &self.code
    }

    /// The client with its new secret, and that secret if it was made.
    ///
    /// # Errors
    /// When the new secret cannot be used, or a rotation is under way already: a third secret would end the first,
    /// which somebody may still use.
    pub(super) fn rotated(self, client: &Client, now_ms: i64) -> anyhow::Result<(Client, Made)> {
        let (mut client, mut made) = (client.clone(), Made::default());
        let Self { code, which, to, grace_hours } = self;
        let (secret, former) = match which {
            Which::Secret => (&mut client.secret, &mut client.former_secret),
            Which::CallbackSecret => (&mut client.callback_secret, &mut client.former_callback_secret),
        };
        if let Some(former) = former.as_ref().filter(|former| former.at(now_ms).is_some()) {
            let until = local(former.until / 1000);
            bail!(
                "the former one counts until {until}: 'wxgate client set --code {code} --no-former' ends that now"
            );
        }
        let (new, to_show) = match (to, which) {
            (Some(to), Which::Secret) => (fields::secret("--to", to)?, None),
            (Some(to), Which::CallbackSecret) => (callback_secret("--to", to)?, None),
            (None, which) => {
                let new = which.make();
                (new.clone(), Some(new))
            }
        };
        *which.of(&mut made) = to_show;
        let until = now_ms + grace_hours * 3_600_000;
        *former = secret.replace(new).map(|secret| Former { secret, until });
        Ok((client, made))
    }
}

impl Which {
    fn make(self) -> Secret {
        match self {
            Self::Secret => new_secret(),
            Self::CallbackSecret => WebhookSecret::generate().to_text(),
        }
    }

    fn of(self, made: &mut Made) -> &mut Option<Secret> {
        match self {
            Self::Secret => &mut made.secret,
            Self::CallbackSecret => &mut made.callback_secret,
        }
    }
}
