//! All settings, read and checked once.

use std::ffi::OsString;
use std::net::SocketAddr;
use std::path::Path;
use std::time::Duration;
use std::{env, fs};

use wxgate_egress::AllowList;
use wxgate_secret::Secret;

use crate::reader::Reader;
use crate::sources::{self, CONFIG, FILE};
use crate::table::PREFIX;
use crate::{AdminListen, BaseUrl, Lang, Log, Pairing, Role, SettingsError, Upyun, WeChatBases, parse};

/// What an operator chose, or the defaults. `Debug` shows no secret.
#[derive(Clone, Debug)]
pub struct Settings {
    /// What callers, WeChat and Upyun reach.
    pub listen: SocketAddr,
    /// Where the operator's listener is; see [`Settings::admin_address`].
    pub admin_listen: AdminListen,
    /// How the outside reaches us.
    pub public_url: BaseUrl,
    /// Store and queue.
    pub pairing: Pairing,
    /// The keys for what is kept at rest, as `wxgate_secret::Keyring` reads them (and known to be
    /// readable). Always there with [`Pairing::Servers`].
    pub secret_key: Option<Secret>,
    /// What opens console and `/admin`; without it they are closed.
    pub admin_token: Option<Secret>,
    /// What callbacks may reach although it is private.
    pub callback_allow: AllowList,
    /// Jobs and callbacks in flight in one worker process.
    pub concurrency: u32,
    /// How long a call waits for the job behind it.
    pub sync_wait: Duration,
    /// How long finished jobs are kept.
    pub retention: Duration,
    /// WeChat's hosts.
    pub wechat: WeChatBases,
    /// Upyun's hosts and account.
    pub upyun: Upyun,
    /// What is logged, and how.
    pub log: Log,
    /// The language of pages and messages for whoever asks for none.
    pub lang: Option<Lang>,
}

impl Settings {
    /// Reads the environment of this process over the file that `WXGATE_CONFIG` names, or
    /// `wxgate.toml` in the working directory if there is one.
    ///
    /// # Errors
    /// [`SettingsError`] with everything that is wrong.
    pub fn from_process() -> Result<Self, SettingsError> {
        let environment = process_environment()?;
        let file = match config(&environment) {
            Some(path) => Some(read_file(path)?),
            None if Path::new(FILE).exists() => Some(read_file(FILE)?),
            None => None,
        };
        Self::load(environment, file.as_deref())
    }

    /// Reads an environment over the text of a `wxgate.toml`. An empty value counts as not given;
    /// variables that do not begin with `WXGATE_`, `WXGATE_CONFIG` and `WXGATE_TEST_…` are ignored.
    ///
    /// # Errors
    /// [`SettingsError`] with everything that is wrong: unknown names, unusable values, a mixed
    /// pairing, a missing key.
    pub fn load(
        environment: impl IntoIterator<Item = (String, String)>,
        file: Option<&str>,
    ) -> Result<Self, SettingsError> {
        let mut reader = gather(environment, file);
        let settings = Self::read(&mut reader);
        match (settings, reader.into_problems()) {
            (Some(settings), problems) if problems.is_empty() => Ok(settings),
            (_, problems) => Err(SettingsError::new(problems)),
        }
    }

    /// Where a process of this role has its operator's listener, if it has one.
    #[must_use]
    pub fn admin_address(&self, role: Role) -> Option<SocketAddr> {
        self.admin_listen.address(role)
    }

    /// Reads every setting before it gives up on any, so that all problems are told.
    fn read(reader: &mut Reader) -> Option<Self> {
        let listen = reader.with_default("WXGATE_LISTEN", parse::address);
        let admin_listen = reader.optional("WXGATE_ADMIN_LISTEN", parse::admin_listen);
        let public_url = reader.optional("WXGATE_PUBLIC_URL", str::parse);
        let pairing = Pairing::read(reader);
        let secret_key = read_secret_key(reader, pairing.as_ref());
        let admin_token = reader.optional("WXGATE_ADMIN_TOKEN", parse::admin_token);
        let callback_allow = reader.optional("WXGATE_CALLBACK_ALLOW", parse::allow_list);
        let concurrency = reader.with_default("WXGATE_CONCURRENCY", parse::number(1..=10_000));
        let sync_wait = reader.with_default("WXGATE_SYNC_WAIT_MS", parse::number(0..=60_000));
        let retention = reader.with_default("WXGATE_RETENTION_DAYS", parse::number(1..=3_650));
        let wechat = WeChatBases::read(reader);
        let upyun = Upyun::read(reader);
        let log = Log::read(reader);
        let lang = Lang::read(reader);
        Some(Self {
            listen: listen?,
            admin_listen: admin_listen.unwrap_or(AdminListen::Default),
            public_url: public_url.or_else(|| format!("http://{}", listen?).parse().ok())?,
            pairing: pairing?,
            secret_key,
            admin_token,
            callback_allow: callback_allow.unwrap_or_default(),
            concurrency: concurrency?,
            sync_wait: Duration::from_millis(sync_wait?.into()),
            retention: Duration::from_hours(24 * u64::from(retention?)),
            wechat: wechat?,
            upyun: upyun?,
            log: log?,
            lang,
        })
    }
}

fn gather(environment: impl IntoIterator<Item = (String, String)>, file: Option<&str>) -> Reader {
    let environment: Vec<_> = environment.into_iter().collect();
    let (mut values, mut problems) = Default::default();
    if let Some(text) = file {
        let name = config(&environment).unwrap_or(FILE);
        sources::add_file(&mut values, name, text, &mut problems);
    }
    sources::add_environment(&mut values, environment, &mut problems);
    Reader::new(values, problems)
}

/// Several processes must share the key, so with Postgres none can make its own.
fn read_secret_key(reader: &mut Reader, pairing: Option<&Pairing>) -> Option<Secret> {
    let shared = matches!(pairing, Some(Pairing::Servers { .. }));
    match reader.optional("WXGATE_SECRET_KEY", parse::secret_key) {
        None if shared && !reader.is_given("WXGATE_SECRET_KEY") => reader.problem(NO_SHARED_KEY),
        key => key,
    }
}

const NO_SHARED_KEY: &str = "WXGATE_SECRET_KEY must be given with Postgres: 64 hex digits, the same for all processes \
                             (openssl rand -hex 32 makes some)";

/// The file that the environment names.
fn config(environment: &[(String, String)]) -> Option<&str> {
    environment.iter().find(|(name, path)| name == CONFIG && !path.is_empty()).map(|(_, path)| path.as_str())
}

/// What is ours of this process' environment.
fn process_environment() -> Result<Vec<(String, String)>, SettingsError> {
    let ours = |name: OsString| name.into_string().ok().filter(|name| name.starts_with(PREFIX));
    let mut environment = Vec::new();
    for (name, value) in env::vars_os() {
        let Some(name) = ours(name) else { continue };
        match value.into_string() {
            Ok(value) => environment.push((name, value)),
            Err(_) => return Err(SettingsError::new(vec![format!("{name} is not UTF-8")])),
        }
    }
    Ok(environment)
}

fn read_file(path: &str) -> Result<String, SettingsError> {
    fs::read_to_string(path)
        .map_err(|error| SettingsError::new(vec![format!("{path} cannot be read: {error}")]))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use std::collections::BTreeSet;

    use super::*;
    use crate::{SETTINGS, Setting};

    #[test]
    fn the_table_lists_exactly_what_is_read() {
        let mut reader = gather([], None);
        assert!(Settings::read(&mut reader).is_some());
        assert_eq!(reader.asked, SETTINGS.iter().map(|setting| setting.name).collect::<BTreeSet<_>>());
        assert_eq!(reader.asked.len(), SETTINGS.len());
    }

    #[test]
    fn the_tables_defaults_are_what_holds_when_nothing_is_given() {
        let nothing = format!("{:?}", Settings::load([], None).unwrap());
        for setting in SETTINGS.iter().filter(|setting| setting.name != "WXGATE_ADMIN_LISTEN") {
            let Some(default) = setting.default else { continue };
            let given = Settings::load([(setting.name.to_owned(), default.to_owned())], None).unwrap();
            assert_eq!(format!("{given:?}"), nothing, "{}", setting.name);
        }
        let admin = Setting::named("WXGATE_ADMIN_LISTEN").unwrap().default.unwrap();
        assert_eq!(AdminListen::Default.address(Role::Intake), admin.parse().ok());
    }
}
