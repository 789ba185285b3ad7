//! The settings as people see them.

/// One environment variable. In `wxgate.toml` it has the same name in lower case, without `WXGATE_`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Setting {
    /// The variable's name.
    pub name: &'static str,
    /// What holds when it is not given, written as it would be given; `None` when that is nothing
    /// or follows from other settings (then [`Setting::meaning`] says how).
    pub default: Option<&'static str>,
    /// One line: what it does and what it takes.
    pub meaning: &'static str,
    /// Whether its value may contain a secret, and so is never shown.
    pub secret: bool,
}

impl Setting {
    const fn new(name: &'static str, default: Option<&'static str>, meaning: &'static str) -> Self {
        Self { name, default, meaning, secret: false }
    }

    const fn secret(name: &'static str, default: Option<&'static str>, meaning: &'static str) -> Self {
        Self { name, default, meaning, secret: true }
    }

    /// The key in `wxgate.toml`.
    #[must_use]
    pub fn key(&self) -> String {
        self.name.trim_start_matches(PREFIX).to_ascii_lowercase()
    }

    /// The setting of this name.
    #[must_use]
    pub fn named(name: &str) -> Option<&'static Self> {
        SETTINGS.iter().find(|setting| setting.name == name)
    }
}

/// What all variables begin with.
pub(crate) const PREFIX: &str = "WXGATE_";

/// All settings, in the order to explain them.
pub const SETTINGS: &[Setting] = &[
    Setting::new(
        "WXGATE_LISTEN",
        Some("127.0.0.1:8080"),
        "address and port that callers, WeChat and Upyun reach",
    ),
    Setting::new(
        "WXGATE_ADMIN_LISTEN",
        Some("127.0.0.1:8081"),
        "address and port of console, /admin, /metrics, /healthz and /readyz (of a worker, whose default is \
         127.0.0.1:8082, the last three); none: no such listener",
    ),
    Setting::new(
        "WXGATE_PUBLIC_URL",
        None,
        "how the outside reaches us; unless given http://<WXGATE_LISTEN>",
    ),
    Setting::secret(
        "WXGATE_DATABASE_URL",
        Some("sqlite://data/wxgate.db"),
        "sqlite://<file> or postgres://…",
    ),
    Setting::secret(
        "WXGATE_AMQP_URL",
        None,
        "amqp://… or amqps://… of RabbitMQ: required with Postgres, not to be given with SQLite, whose queue is embedded",
    ),
    Setting::secret(
        "WXGATE_SECRET_KEY",
        None,
        "64 hex digits that encrypt what is kept at rest, or a comma list (the first encrypts, all decrypt); required \
         with Postgres, with SQLite made on first start and kept beside the database",
    ),
    Setting::secret("WXGATE_ADMIN_TOKEN", None, "opens console and /admin; unless given both are closed"),
    Setting::new(
        "WXGATE_CALLBACK_ALLOW",
        None,
        "comma list of networks (10.1.0.0/16) and host:port that callbacks may reach although they are private",
    ),
    Setting::new(
        "WXGATE_CONCURRENCY",
        Some("512"),
        "jobs and callbacks in flight in one worker process, 1 to 10000",
    ),
    Setting::new(
        "WXGATE_SYNC_WAIT_MS",
        Some("20000"),
        "how long download_media waits for its result before it answers 202, and a repeated request for the answer to \
         the first (milliseconds, at most 60000)",
    ),
    Setting::new("WXGATE_RETENTION_DAYS", Some("30"), "how long finished jobs are kept (days, 1 to 3650)"),
    Setting::new(
        "WXGATE_WECHAT_API_BASE",
        Some("https://api.weixin.qq.com"),
        "WeChat's API, a proxy or the sandbox",
    ),
    Setting::new(
        "WXGATE_WECHAT_MP_BASE",
        Some("https://mp.weixin.qq.com"),
        "WeChat's QR code pictures and platform login",
    ),
    Setting::new("WXGATE_WECHAT_OPEN_BASE", Some("https://open.weixin.qq.com"), "WeChat's user login pages"),
    Setting::new("WXGATE_UPYUN_API_BASE", Some("https://v0.api.upyun.com"), "Upyun's storage"),
    Setting::new("WXGATE_UPYUN_PROCESS_BASE", Some("https://p0.api.upyun.com"), "Upyun's media processing"),
    Setting::new(
        "WXGATE_UPYUN_BUCKET",
        None,
        "Upyun's bucket; without bucket, operator and password Upyun is not used",
    ),
    Setting::new("WXGATE_UPYUN_OPERATOR", None, "Upyun's operator"),
    Setting::secret("WXGATE_UPYUN_PASSWORD", None, "the operator's password"),
    Setting::new(
        "WXGATE_UPYUN_PUBLIC_BASE",
        None,
        "where the bucket's files are fetched from; unless given https://<bucket>.b0.upaiyun.com",
    ),
    Setting::new(
        "WXGATE_LOG",
        Some("info"),
        "what is logged: a level, or directives such as info,wxgate_worker=debug",
    ),
    Setting::new("WXGATE_LOG_FORMAT", Some("human"), "human or json, one line each"),
    Setting::new(
        "WXGATE_LANG",
        None,
        "language for whoever asks for none: en or zh; unless given, pages zh, messages en",
    ),
];
