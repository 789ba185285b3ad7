//! What is posted to us in Upyun's name.

use std::time::{Duration, SystemTime};

use wxgate_secret::Secret;
use wxgate_upyun::notify::{Headers, NotifyError, verify};
use wxgate_upyun::sign::{Signed, authorization, content_md5};
use wxgate_upyun::{Account, Notification};

const PATH: &str = "/upyun/notify";
const DATE: &str = "Wed, 29 Oct 2014 02:26:58 GMT";
/// The date in seconds.
const SENT: u64 = 1_414_549_618;

/// Three lines are the headers, the rest is the body: it is never believed. The same body in Upyun's own signature is
/// read, or refused as saying nothing.
pub fn read(bytes: &[u8]) {
    let mut parts = bytes.splitn(4, |byte| *byte == b'\n');
    let mut header = || parts.next().and_then(|part| str::from_utf8(part).ok());
    let headers = Headers { authorization: header(), date: header(), content_md5: header() };
    let body = parts.next().unwrap_or_default();
    assert!(posted(&headers, body).is_err(), "a stranger's post is believed");

    let (body_md5, account) = (content_md5(body), account());
    let order = Signed { method: "POST", uri: PATH, date: DATE, content_md5: Some(&body_md5) };
    let authorization = authorization(&account, order);
    let signed =
        Headers { authorization: Some(&authorization), date: Some(DATE), content_md5: Some(&body_md5) };
    let read = posted(&signed, body);
    assert!(matches!(read, Ok(_) | Err(NotifyError::Unreadable)), "{read:?}");
}

fn posted(headers: &Headers<'_>, body: &[u8]) -> Result<Notification, NotifyError> {
    verify(&account(), PATH, headers, body, SystemTime::UNIX_EPOCH + Duration::from_secs(SENT))
}

fn account() -> Account {
    let (bucket, operator) = ("bucket".to_owned(), "operator".to_owned());
    Account { bucket, operator, password: Secret::new("a password that nobody guesses") }
}
