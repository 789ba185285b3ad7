//! Who sends a call: Basic, the signature of today, and the two old ones.

use std::time::{Duration, UNIX_EPOCH};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::account::{UPYUN_OPERATOR, UPYUN_PASSWORD};
use super::problem::{
    DATE_OFF, DATE_UNREADABLE, NEED_AUTHORIZATION, NEED_DATE, NO_USER, PASSWORD, Problem, SIGNATURE,
    UNKNOWN_SCHEME,
};
use super::request::Request;
use super::signature;
use crate::clock::Moment;

/// How far a call's date may be off, either way (documented: 30 minutes).
const WINDOW: Duration = Duration::from_mins(30);

/// What the call is for: each has its own old signature.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Area {
    Storage,
    Processing,
}

/// Whether the call comes from the operator.
pub(super) fn check(request: &Request, area: Area, now: Moment) -> Result<(), Problem> {
    let header = request.header("authorization").ok_or(NEED_AUTHORIZATION)?;
    let (scheme, credentials) = header.split_once(' ').ok_or(UNKNOWN_SCHEME)?;
    match scheme.to_ascii_lowercase().as_str() {
        "basic" => check_basic(credentials),
        "upyun" => check_signature(request, area, credentials, now),
        _ => Err(UNKNOWN_SCHEME),
    }
}

fn check_basic(credentials: &str) -> Result<(), Problem> {
    let decoded = STANDARD.decode(credentials.trim()).map_err(|_| PASSWORD)?;
    let decoded = String::from_utf8(decoded).map_err(|_| PASSWORD)?;
    let (operator, password) = decoded.split_once(':').ok_or(PASSWORD)?;
    match (operator == UPYUN_OPERATOR, password == UPYUN_PASSWORD) {
        (false, _) => Err(NO_USER),
        (true, false) => Err(PASSWORD),
        (true, true) => Ok(()),
    }
}

fn check_signature(request: &Request, area: Area, credentials: &str, now: Moment) -> Result<(), Problem> {
    let (operator, told) = credentials.split_once(':').ok_or(SIGNATURE)?;
    if operator != UPYUN_OPERATOR {
        return Err(NO_USER);
    }
    // Old clients and new ones spell the scheme either way: the signature's form tells them apart.
    let is_old = told.len() == 32 && told.bytes().all(|byte| byte.is_ascii_hexdigit());
    let right = match (is_old, area) {
        (true, Area::Processing) => vec![old_processing(request)],
        (true, Area::Storage) => old_storage(request, date(request, now)?),
        (false, _) => today(request, area, date(request, now)?),
    };
    if right.iter().any(|right| right == told) { Ok(()) } else { Err(SIGNATURE) }
}

/// The date that is signed. Some clients send it as `X-Date` alone.
fn date(request: &Request, now: Moment) -> Result<&str, Problem> {
    let date = request.header("date").or_else(|| request.header("x-date")).ok_or(NEED_DATE)?;
    let at = httpdate::parse_http_date(date).map_err(|_| DATE_UNREADABLE)?;
    let now = UNIX_EPOCH + Duration::from_millis(now.try_into().unwrap_or(0));
    let off = now.duration_since(at).unwrap_or_else(|ahead| ahead.duration());
    if off > WINDOW { Err(DATE_OFF) } else { Ok(date) }
}

fn today(request: &Request, area: Area, date: &str) -> Vec<String> {
    let content_md5 = request.header("content-md5");
    let sign = |uri| {
        let parts = [Some(request.method.as_str()), Some(uri), Some(date), content_md5];
        signature::today(UPYUN_PASSWORD, &parts)
    };
    uris(request, area).into_iter().map(sign).collect()
}

fn old_storage(request: &Request, date: &str) -> Vec<String> {
    let (method, length) = (request.method.as_str(), request.body.len());
    let sign = |uri| signature::old_storage(UPYUN_PASSWORD, method, uri, date, length);
    uris(request, Area::Storage).into_iter().map(sign).collect()
}

/// At storage some clients sign the path with its query and some without.
fn uris(request: &Request, area: Area) -> Vec<&str> {
    match area {
        Area::Storage => vec![&request.target, request.path()],
        Area::Processing => vec![&request.target],
    }
}

fn old_processing(request: &Request) -> String {
    let parameters = if request.method == "POST" { request.form() } else { request.queries() };
    signature::old_processing(UPYUN_OPERATOR, UPYUN_PASSWORD, &parameters)
}
