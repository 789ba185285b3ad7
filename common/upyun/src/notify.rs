//! What Upyun posts when a task is over, verified.

use std::time::{Duration, SystemTime};

use subtle::ConstantTimeEq;

use crate::sign::{Signed, content_md5, signature};
use crate::{Account, TaskResult};

/// How far a post's date may be off, either way: what Upyun itself grants to requests.
const WINDOW: Duration = Duration::from_mins(30);

/// What Upyun posts: the record that it also keeps for those who ask.
pub type Notification = TaskResult;

/// The headers that a post is verified by, as they came.
#[derive(Clone, Copy, Debug, Default)]
pub struct Headers<'h> {
    /// `Authorization`.
    pub authorization: Option<&'h str>,
    /// `Date`.
    pub date: Option<&'h str>,
    /// `Content-MD5`.
    pub content_md5: Option<&'h str>,
}

/// Why a post is not believed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotifyError {
    /// One of the three headers is missing or not what it should be.
    #[error("the post is not signed")]
    Unsigned,
    /// Signed in another operator's name.
    #[error("the post is signed by another operator")]
    OtherOperator,
    /// Not signed with the operator's password, or not for this path.
    #[error("the post's signature is wrong")]
    WrongSignature,
    /// Its date is over 30 minutes off.
    #[error("the post's date is over 30 minutes off")]
    Stale,
    /// The body is not the one that was signed.
    #[error("the post's body is not the one that was signed")]
    OtherBody,
    /// Upyun's beyond doubt, but no JSON record of a task.
    #[error("the post says nothing of a task")]
    Unreadable,
}

/// Verifies a POST that came to `path` (as it stands in the request line) at `now`, and reads it.
/// Signatures of the old kind, inside the body, are not looked at.
///
/// A post that is repeated within its 30 minutes is verified again: what follows from it must be
/// harmless when it happens twice.
///
/// # Errors
/// [`NotifyError`]; all but [`NotifyError::Unreadable`] may be somebody else's doing.
pub fn verify(
    account: &Account,
    path: &str,
    headers: &Headers<'_>,
    body: &[u8],
    now: SystemTime,
) -> Result<Notification, NotifyError> {
    let (Some(authorization), Some(date), Some(body_md5)) =
        (headers.authorization, headers.date, headers.content_md5)
    else {
        return Err(NotifyError::Unsigned);
    };
    let (operator, given) = credentials(authorization).ok_or(NotifyError::Unsigned)?;
    if operator != account.operator {
        return Err(NotifyError::OtherOperator);
    }
    let signed = Signed { method: "POST", uri: path, date, content_md5: Some(body_md5) };
    if !equal(given, &signature(&account.password, signed)) {
        return Err(NotifyError::WrongSignature);
    }
    if !is_fresh(date, now).ok_or(NotifyError::Unsigned)? {
        return Err(NotifyError::Stale);
    }
    if !equal(body_md5, &content_md5(body)) {
        return Err(NotifyError::OtherBody);
    }
    serde_json::from_slice(body).map_err(|_| NotifyError::Unreadable)
}

/// Operator and signature. SDKs write the scheme in several ways.
fn credentials(authorization: &str) -> Option<(&str, &str)> {
    let (scheme, credentials) = authorization.split_once(' ')?;
    scheme.eq_ignore_ascii_case("upyun").then_some(())?;
    credentials.rsplit_once(':')
}

fn is_fresh(date: &str, now: SystemTime) -> Option<bool> {
    let date = httpdate::parse_http_date(date).ok()?;
    let off = now.duration_since(date).unwrap_or_else(|ahead| ahead.duration());
    Some(off <= WINDOW)
}

fn equal(given: &str, expected: &str) -> bool {
    given.as_bytes().ct_eq(expected.as_bytes()).into()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use wxgate_secret::Secret;

    use super::*;

    /// A worked example, which `verify_signature` of `PyPI` `upyun` 2.5.5 accepts.
    const BODY: &str = r#"{"description":"OK","path":["/voice/1.mp3"],"service":"bucket","status_code":200,"task_id":"35f0148d414a688a275bf915ba7cebb2"}"#;
    const PATH: &str = "/notify/upyun";
    const HEADERS: Headers<'static> = Headers {
        authorization: Some("UPYUN operator:a4NfMP7hFhQ1o+E0PdWm6549rqc="),
        date: Some("Wed, 29 Oct 2014 02:26:58 GMT"),
        content_md5: Some("6109cb273849a344192d8bfa18fbb7fa"),
    };
    /// The date in seconds.
    const SENT: u64 = 1_414_549_618;

    fn account(password: &str) -> Account {
        let (bucket, operator) = ("bucket".to_owned(), "operator".to_owned());
        Account { bucket, operator, password: Secret::new(password) }
    }

    fn at(headers: &Headers<'_>, body: &str, seconds: u64) -> Result<Notification, NotifyError> {
        let now = SystemTime::UNIX_EPOCH + Duration::from_secs(seconds);
        verify(&account("password"), PATH, headers, body.as_bytes(), now)
    }

    /// A post signed with the right password.
    fn genuine(body: &str) -> Result<Notification, NotifyError> {
        let (date, md5) = (HEADERS.date.unwrap(), content_md5(body.as_bytes()));
        let signed = Signed { method: "POST", uri: PATH, date, content_md5: Some(&md5) };
        let authorization = crate::sign::authorization(&account("password"), signed);
        let headers = Headers { authorization: Some(&authorization), content_md5: Some(&md5), ..HEADERS };
        at(&headers, body, SENT)
    }

    #[test]
    fn a_genuine_post_is_believed_and_read() {
        let notification = at(&HEADERS, BODY, SENT).unwrap();
        assert_eq!(notification.task_id, "35f0148d414a688a275bf915ba7cebb2");
        assert_eq!((notification.status_code, notification.description.as_str()), (200, "OK"));
        assert_eq!(
            (notification.path, notification.service.as_str()),
            (vec!["/voice/1.mp3".into()], "bucket")
        );
    }

    #[test]
    fn the_scheme_may_be_written_in_any_way() {
        let lower = Headers { authorization: Some("UpYun operator:a4NfMP7hFhQ1o+E0PdWm6549rqc="), ..HEADERS };
        assert!(at(&lower, BODY, SENT).is_ok());
    }

    #[test]
    fn every_missing_header_leaves_a_post_unsigned() {
        for headers in [
            Headers { authorization: None, ..HEADERS },
            Headers { date: None, ..HEADERS },
            Headers { content_md5: None, ..HEADERS },
            Headers { authorization: Some("Basic b3BlcmF0b3I6cGFzc3dvcmQ="), ..HEADERS },
            Headers { authorization: Some("UPYUN operator"), ..HEADERS },
        ] {
            assert_eq!(at(&headers, BODY, SENT), Err(NotifyError::Unsigned), "{headers:?}");
        }
    }

    #[test]
    fn another_operators_name_signature_path_date_or_password_is_not_believed() {
        let now = SystemTime::UNIX_EPOCH + Duration::from_secs(SENT);
        let other = Headers { authorization: Some("UPYUN op:a4NfMP7hFhQ1o+E0PdWm6549rqc="), ..HEADERS };
        assert_eq!(at(&other, BODY, SENT), Err(NotifyError::OtherOperator));
        let forged =
            Headers { authorization: Some("UPYUN operator:b4NfMP7hFhQ1o+E0PdWm6549rqc="), ..HEADERS };
        let redated = Headers { date: Some("Wed, 29 Oct 2014 02:26:59 GMT"), ..HEADERS };
        for headers in [forged, redated, Headers { authorization: Some("UPYUN operator:"), ..HEADERS }] {
            assert_eq!(at(&headers, BODY, SENT), Err(NotifyError::WrongSignature));
        }
        for (account, path) in [(account("password"), "/upyun/notify"), (account("Password"), PATH)] {
            let verified = verify(&account, path, &HEADERS, BODY.as_bytes(), now);
            assert_eq!(verified, Err(NotifyError::WrongSignature));
        }
    }

    #[test]
    fn another_body_under_a_genuine_signature_is_not_believed() {
        let body = BODY.replace("1.mp3", "2.mp3");
        assert_eq!(at(&HEADERS, &body, SENT), Err(NotifyError::OtherBody));
        let md5 = content_md5(body.as_bytes());
        let headers = Headers { content_md5: Some(&md5), ..HEADERS };
        assert_eq!(at(&headers, &body, SENT), Err(NotifyError::WrongSignature));
    }

    #[test]
    fn a_post_counts_for_30_minutes_either_way() {
        for seconds in [SENT - 1800, SENT + 1800] {
            assert!(at(&HEADERS, BODY, seconds).is_ok());
        }
        for seconds in [SENT - 1801, SENT + 1801] {
            assert_eq!(at(&HEADERS, BODY, seconds), Err(NotifyError::Stale));
        }
    }

    #[test]
    fn old_names_and_missing_fields_are_read_and_old_signatures_are_not() {
        let body = r#"{"bucket_name":"b","status_code":404,"path":null,"task_id":"a","signature":"x","timestamp":1}"#;
        let notification = genuine(body).unwrap();
        assert_eq!((notification.service.as_str(), notification.status_code), ("b", 404));
        assert_eq!((notification.path, notification.description), (Vec::<String>::new(), String::new()));
    }

    #[test]
    fn a_member_that_is_null_is_read_as_one_that_is_missing() {
        let body = r#"{"service":null,"description":null,"status_code":200,"path":null,"task_id":"a"}"#;
        let notification = genuine(body).unwrap();
        assert_eq!((notification.service.as_str(), notification.description.as_str()), ("", ""));
        assert_eq!((notification.status_code, notification.path), (200, Vec::<String>::new()));
    }

    #[test]
    fn a_genuine_post_that_is_no_record_is_told_apart() {
        for body in ["", "[]", "task_id=1&status_code=200", r#"{"task_id":"a"}"#] {
            assert_eq!(genuine(body), Err(NotifyError::Unreadable), "{body}");
        }
    }
}
