//! What an interface is: one declaration, from which verification, grants, the OpenAPI description and the
//! test tool follow. There is no second list of interfaces, parameters or answers.

mod answers;
pub(crate) mod example;
mod group;
mod param;
pub mod shape;

pub use answers::{Answers, Job};
pub use group::Group;
pub use param::{Example, Limit, Param, ParamKind};
pub use shape::{Field, Shape};

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
    /// What it is about.
    pub group: Group,
    /// Its own parameters; [`COMMON`] come with every interface.
    pub params: &'static [Param],
    /// What it answers.
    pub answers: Answers,
    /// Whether it changes anything: all but `get_*`, `check_*` and `decrypt_*`. One authcode then
    /// serves one request.
    pub effect: bool,
    /// Whether it hands out secrets: such an interface must be granted by name, `*` does not do.
    pub secret: bool,
    /// Does the work for a verified request.
    pub run: Run,
}

impl Interface {
    /// The largest file that it takes (bytes), if it takes any.
    pub(crate) fn file_limit(&self) -> Option<usize> {
        self.params.iter().find_map(|param| match param.kind {
            ParamKind::File { limit } => Some(limit),
            _ => None,
        })
    }
}

/// A handler. It runs on the thread that read the request, so it needs not be `Send`.
pub type Run = for<'c> fn(&'c Call<'c>) -> LocalBoxFuture<'c, Result<Answer, Refusal>>;

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
        ParamKind::Whole { least: 1_000_000_000, most: 9_999_999_999 },
        "请求时的时间戳（十位），超时5分钟的请求将被拒绝",
        "When the request was made, in Unix seconds (ten digits); refused when more than 300 s off",
    ),
];
