//! Pins the catalogue: changing a number or a sentence is seen here first.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::io;

use super::*;
use crate::language::Language;

fn all() -> Vec<Refusal> {
    use Refusal as R;
    let cause = || Cause::from(io::Error::other("postgres://user:password@host"));
    vec![
        R::StillWorking { poll: RawValue::from_string("1".to_owned()).unwrap() },
        R::UnknownPath,
        R::Method,
        R::TooLarge { limit: 9 },
        R::FileTooLarge { limit: 9 },
        R::BodyBroken { within: Duration::from_secs(30) },
        R::Form(FormError::NotUtf8),
        R::Form(FormError::Repeated { name: "a".to_owned() }),
        R::Form(FormError::Nul),
        R::Form(FormError::ClientSecret),
        R::NotAForm,
        R::Missing { name: "tpl_data" },
        R::MissingBeforeFile { name: "client_code" },
        R::NoAuthcode,
        R::UnknownClient,
        R::ClientClosed,
        R::NoSecret,
        R::MalformedTime,
        R::Stale { off: 301, now: 1_459_817_487, at_most: 300 },
        R::MalformedAuthcode(InvalidAuthcode),
        R::WrongAuthcode,
        R::SchemeNotAllowed { allowed: Scheme::Md5 },
        R::SchemeNotAllowed { allowed: Scheme::HmacSha256 },
        R::AuthcodeTaken,
        R::NotGranted { interface: "cancel_job" },
        R::SwitchedOff { interface: "cancel_job" },
        R::NoApp,
        R::UnknownApp,
        R::AppDisabled,
        R::AppWithoutSecret,
        R::PlatformNotAuthorised,
        R::malformed("send_at", said("有误", "wrong")),
        R::NotFound("job"),
        R::Conflict(said("正在执行", "it runs")),
        R::RequestIdTaken,
        R::TooMany { retry_after: Duration::from_secs(7) },
        R::Internal { reference: "0123456789abcdef".to_owned(), cause: cause() },
        R::UpstreamFailed(said("微信拒绝", "WeChat refused")),
        R::NoEffect { reason: said("无法连接微信", "WeChat cannot be reached"), cause: cause() },
        R::NotReady(cause()),
        R::Overloaded,
        R::OutcomeUnknown(cause()),
        R::UpstreamTimeout("WeChat"),
        R::UpstreamBroken {
            reason: said("与微信的连接中断", "the connection to WeChat broke"),
            cause: cause(),
        },
        R::UnderWay,
        R::NotRepeated(Some(cause())),
    ]
}

fn row(refusal: &Refusal, language: Language) -> String {
    let (status, retcode) = refusal.codes();
    format!("{} {retcode} {}", status.as_u16(), refusal.in_language(language))
}

#[test]
fn the_catalogue_is_as_published() {
    for (language, published) in [
        (Language::English, include_str!("catalogue.txt")),
        (Language::Chinese, include_str!("catalogue.zh.txt")),
    ] {
        let rows: Vec<String> = all().iter().map(|refusal| row(refusal, language)).collect();
        assert_eq!(rows, published.lines().collect::<Vec<_>>());
    }
}

#[test]
fn exactly_429_and_503_say_when_to_come_again() {
    for refusal in all() {
        let says = refusal.retry_after().is_some();
        assert_eq!(says, matches!(refusal.codes().1, 429 | 503), "{refusal}");
    }
}

#[test]
fn a_reference_is_new_each_time() {
    let reference = || match Refusal::internal(io::Error::other("x")) {
        Refusal::Internal { reference, .. } => reference,
        other => panic!("{other}"),
    };
    let (one, two) = (reference(), reference());
    assert_eq!(one.len(), 16);
    assert_ne!(one, two);
}

#[test]
fn only_what_is_known_not_to_be_stored_is_told_so() {
    let broken = || StoreError::OutcomeUnknown(sqlx::Error::WorkerCrashed);
    let away = || StoreError::Unavailable(sqlx::Error::PoolTimedOut);
    let retcode = |refusal: Refusal| refusal.codes().1;
    assert_eq!(retcode(IntakeError::Unknown(None).into()), 504);
    assert_eq!(retcode(IntakeError::NotStored(std::sync::Arc::new(away())).into()), 503);
    assert_eq!(retcode(Refusal::of_writing(broken())), 504);
    assert_eq!(retcode(Refusal::of_reading(broken())), 503);
    assert_eq!(retcode(Refusal::of_writing(StoreError::Schema("older".to_owned()))), 500);
}
