//! What an interface is: one declaration, from which verification, grants and documentation follow.

use futures_util::future::LocalBoxFuture;

use crate::{Answer, Call, Refusal};

/// One interface of the gateway.
#[derive(Debug)]
pub struct Interface {
    /// The last part of its path, and the name by which clients are granted it.
    pub name: &'static str,
    /// What it is called in the Chinese document.
    pub title_zh: &'static str,
    /// What it is called in English.
    pub title_en: &'static str,
    /// Its own parameters; [`COMMON`] come with every interface.
    pub params: &'static [Param],
    /// Whether it changes anything: all but `get_*`, `check_*` and `decrypt_*`. One authcode then
    /// serves one request.
    pub effect: bool,
    /// Whether it hands out secrets: such an interface must be granted by name, `*` does not do.
    pub secret: bool,
    /// Does the work for a verified request.
    pub run: Run,
}

/// A handler. It runs on the thread that read the request, so it needs not be `Send`.
pub type Run = for<'c> fn(&'c Call<'c>) -> LocalBoxFuture<'c, Result<Answer, Refusal>>;

/// A parameter of an interface.
#[derive(Clone, Copy, Debug)]
pub struct Param {
    /// As sent.
    pub name: &'static str,
    /// Refused when absent.
    pub required: bool,
    /// For required ones: may be sent empty.
    pub blank_allowed: bool,
    /// What it holds.
    pub kind: ParamKind,
    /// What it means, in Chinese.
    pub meaning_zh: &'static str,
    /// What it means, in English.
    pub meaning_en: &'static str,
}

/// What a parameter holds. For readers and tools: values are checked by whoever uses them, since the
/// document calls `int` what in practice holds text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ParamKind {
    /// Any text.
    Text,
    /// A whole number.
    Int,
    /// A JSON text.
    Json,
    /// An http or https address; without a scheme it is taken as http.
    Url,
    /// Unix seconds.
    Time,
    /// 0 or 1.
    Flag,
}

impl Param {
    /// A parameter that must be there and must not be blank.
    #[must_use]
    pub const fn required(
        name: &'static str,
        kind: ParamKind,
        meaning_zh: &'static str,
        meaning_en: &'static str,
    ) -> Self {
        Self { name, required: true, blank_allowed: false, kind, meaning_zh, meaning_en }
    }

    /// A parameter that may be left out; blank counts as left out.
    #[must_use]
    pub const fn optional(
        name: &'static str,
        kind: ParamKind,
        meaning_zh: &'static str,
        meaning_en: &'static str,
    ) -> Self {
        Self { name, required: false, blank_allowed: true, kind, meaning_zh, meaning_en }
    }

    /// The same, and may be left out.
    #[must_use]
    pub const fn or_absent(self) -> Self {
        Self { required: false, blank_allowed: true, ..self }
    }

    /// The same, and may be sent empty.
    #[must_use]
    pub const fn or_blank(self) -> Self {
        Self { blank_allowed: true, ..self }
    }
}

/// The caller's public name.
pub const CLIENT_CODE: &str = "client_code";
/// When the request was made.
pub const REQ_TIME: &str = "req_time";
/// The signature, in the query alone.
pub const AUTHCODE: &str = "authcode";

/// The signed parameters that every interface takes.
pub const COMMON: [Param; 2] = [
    Param::required(
        CLIENT_CODE,
        ParamKind::Text,
        "作为公钥用于验证用户ID",
        "The caller's public name, given to it together with its secret",
    ),
    Param::required(
        REQ_TIME,
        ParamKind::Time,
        "请求时的时间戳（十位），超时5分钟的请求将被拒绝",
        "When the request was made, in Unix seconds (ten digits); refused when more than 300 s off",
    ),
];
