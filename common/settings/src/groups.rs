//! Settings that belong together.

use std::net::SocketAddr;

use wxgate_secret::Secret;

use crate::BaseUrl;
use crate::parse::choice;
use crate::reader::Reader;

/// Which half of the gateway a process is, where that makes a difference.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// Has the intake: `serve`, `api`, `demo`.
    Intake,
    /// Has none: `worker`.
    Worker,
}

/// Where the operator's listener is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AdminListen {
    /// Where it is unless told otherwise, which depends on the role.
    Default,
    /// Here.
    At(SocketAddr),
    /// Nowhere.
    Off,
}

impl AdminListen {
    /// The address for a process of this role, if it has one. Unless given: port 8081 of the
    /// loopback interface, 8082 for a worker, so that both halves run on one machine.
    #[must_use]
    pub fn address(self, role: Role) -> Option<SocketAddr> {
        match (self, role) {
            (Self::At(address), _) => Some(address),
            (Self::Off, _) => None,
            (Self::Default, Role::Intake) => Some(SocketAddr::from(([127, 0, 0, 1], 8081))),
            (Self::Default, Role::Worker) => Some(SocketAddr::from(([127, 0, 0, 1], 8082))),
        }
    }
}

/// WeChat's three hosts.
#[derive(Clone, Debug)]
pub struct WeChatBases {
    /// All server calls.
    pub api: BaseUrl,
    /// QR code pictures, the third-party platform's login page.
    pub mp: BaseUrl,
    /// Users' login pages.
    pub open: BaseUrl,
}

impl WeChatBases {
    pub(crate) fn read(reader: &mut Reader) -> Option<Self> {
        let api = reader.with_default("WXGATE_WECHAT_API_BASE", str::parse);
        let mp = reader.with_default("WXGATE_WECHAT_MP_BASE", str::parse);
        let open = reader.with_default("WXGATE_WECHAT_OPEN_BASE", str::parse);
        Some(Self { api: api?, mp: mp?, open: open? })
    }
}

/// Upyun's hosts, and who we are there.
#[derive(Clone, Debug)]
pub struct Upyun {
    /// Storage.
    pub api: BaseUrl,
    /// Media processing.
    pub process: BaseUrl,
    /// Bucket and operator; without them Upyun is not used.
    pub account: Option<UpyunAccount>,
}

/// One bucket and the operator who may write to it.
#[derive(Clone, Debug)]
pub struct UpyunAccount {
    /// The bucket (Upyun's 'service').
    pub bucket: String,
    /// The operator's name.
    pub operator: String,
    /// The operator's password.
    pub password: Secret,
    /// Where the bucket's files are fetched from.
    pub public: BaseUrl,
}

impl Upyun {
    pub(crate) fn read(reader: &mut Reader) -> Option<Self> {
        let api = reader.with_default("WXGATE_UPYUN_API_BASE", str::parse);
        let process = reader.with_default("WXGATE_UPYUN_PROCESS_BASE", str::parse);
        let account = UpyunAccount::read(reader);
        Some(Self { api: api?, process: process?, account })
    }
}

impl UpyunAccount {
    fn read(reader: &mut Reader) -> Option<Self> {
        let bucket: Option<String> = reader.optional("WXGATE_UPYUN_BUCKET", bucket);
        let operator = reader.optional("WXGATE_UPYUN_OPERATOR", |text| Ok(text.to_owned()));
        let password = reader.optional("WXGATE_UPYUN_PASSWORD", |text| Ok(Secret::new(text)));
        let given_public = reader.optional("WXGATE_UPYUN_PUBLIC_BASE", str::parse);
        let names = ["WXGATE_UPYUN_BUCKET", "WXGATE_UPYUN_OPERATOR", "WXGATE_UPYUN_PASSWORD"];
        let missing: Vec<_> = names.into_iter().filter(|name| !reader.is_given(name)).collect();
        if (1..names.len()).contains(&missing.len()) {
            return reader.problem(format!(
                "Upyun needs bucket, operator and password: {} not given",
                missing.join(", ")
            ));
        }
        let bucket = bucket?;
        let public = given_public.or_else(|| format!("https://{bucket}.b0.upaiyun.com").parse().ok())?;
        Some(Self { bucket, operator: operator?, password: password?, public })
    }
}

/// A bucket's name becomes part of host names and paths.
fn bucket(text: &str) -> Result<String, String> {
    let fits = text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-');
    if fits { Ok(text.to_owned()) } else { Err("must be lower-case letters, digits and hyphens".to_owned()) }
}

/// What is logged, and how.
#[derive(Clone, Debug)]
pub struct Log {
    /// Directives of `tracing_subscriber::EnvFilter`, known to parse.
    pub filter: String,
    /// How a line looks.
    pub format: LogFormat,
}

/// How a log line looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogFormat {
    /// For people.
    Human,
    /// For machines: one JSON object a line.
    Json,
}

impl Log {
    pub(crate) fn read(reader: &mut Reader) -> Option<Self> {
        let filter = reader.with_default("WXGATE_LOG", crate::parse::log_filter);
        let formats = [("human", LogFormat::Human), ("json", LogFormat::Json)];
        let format = reader.with_default("WXGATE_LOG_FORMAT", choice(&formats));
        Some(Self { filter: filter?, format: format? })
    }
}

/// The language of pages and messages for whoever asks for none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lang {
    /// English.
    En,
    /// Chinese.
    Zh,
}

impl Lang {
    pub(crate) fn read(reader: &mut Reader) -> Option<Self> {
        reader.optional("WXGATE_LANG", choice(&[("en", Self::En), ("zh", Self::Zh)]))
    }
}
