//! What may be concluded when a call fails.

use std::time::Duration;

use tokio::time::Instant;
use wxgate_upyun::testing::Fault;
use wxgate_upyun::{Refusal, UpyunError};

use crate::support::{all_words, ample, nowhere, path, put_abc, short, world};

#[tokio::test]
async fn a_refusal_is_told_with_status_number_and_words() {
    let (fake, upyun) = world().await;
    fake.fail_next(Fault::Answer(401, r#"{"msg":"signature error","code":40100005,"id":"5486"}"#));
    let error = put_abc(&upyun, "/a.txt").await.unwrap_err();
    let expected = Refusal { status: 401, code: Some(40_100_005), msg: "signature error".into() };
    assert!(matches!(&error, UpyunError::Refused(refusal) if *refusal == expected), "{error:?}");
    assert!(error.is_retryable() && error.to_string().contains("WXGATE_UPYUN_PASSWORD"), "{error}");
}

#[tokio::test]
async fn whatever_else_a_refusal_holds_its_status_counts() {
    let (fake, upyun) = world().await;
    for (status, body, code, retryable) in [
        (503, "", None, true),
        (502, "<html>bad gateway</html>", None, true),
        (429, r#"{"code":"42900001","msg":"too many\nrequests"}"#, Some(42_900_001), true),
        (403, r#"{"code":[]}"#, None, false),
        (302, "", None, false),
    ] {
        fake.fail_next(Fault::Answer(status, body));
        let error = put_abc(&upyun, "/a.txt").await.unwrap_err();
        assert_eq!(error.is_retryable(), retryable, "{error:?}");
        let UpyunError::Refused(refusal) = error else { panic!("{error:?}") };
        assert_eq!((refusal.status, refusal.code), (status, code));
        assert!(!refusal.msg.contains('\n'));
    }
}

#[tokio::test]
async fn silence_and_a_broken_connection_leave_it_open_what_happened() {
    let (fake, upyun) = world().await;
    fake.fail_next(Fault::Hang);
    let error = upyun.delete(&path("/a.txt"), short()).await.unwrap_err();
    assert!(matches!(error, UpyunError::TimedOut), "{error:?}");
    assert!(error.is_ambiguous() && error.is_retryable());

    fake.fail_next(Fault::Close);
    let error = upyun.delete(&path("/a.txt"), ample()).await.unwrap_err();
    assert!(matches!(error, UpyunError::Broken(_)), "{error:?}");
    assert!(error.is_ambiguous() && error.is_retryable());
}

#[tokio::test]
async fn a_silent_upyun_is_waited_for_ten_seconds_however_late_the_deadline() {
    let (fake, upyun) = world().await;
    fake.fail_next(Fault::Hang);
    let calling = tokio::spawn(async move { upyun.head(&path("/a.txt"), ample()).await });
    while fake.requests("HEAD").is_empty() {
        tokio::task::yield_now().await;
    }
    tokio::time::pause();
    tokio::time::advance(Duration::from_secs(11)).await;
    let asked = Instant::now();

    assert!(matches!(calling.await.unwrap(), Err(UpyunError::TimedOut)));
    assert_eq!(Instant::now(), asked, "no clock had to be turned any further");
}

#[tokio::test]
async fn past_the_deadline_nothing_is_asked() {
    let (fake, upyun) = world().await;
    let error = upyun.delete(&path("/a.txt"), tokio::time::Instant::now()).await.unwrap_err();
    assert!(matches!(error, UpyunError::OutOfTime) && !error.is_ambiguous());
    assert!(fake.requests("").is_empty());
}

#[tokio::test]
async fn an_upyun_that_cannot_be_reached_was_not_asked() {
    let error = put_abc(&nowhere().await, "/a.txt").await.unwrap_err();
    assert!(matches!(error, UpyunError::NotSent(_)), "{error:?}");
    assert!(!error.is_ambiguous() && error.is_retryable());
}

#[tokio::test]
async fn no_error_shows_password_or_signature() {
    let (fake, upyun) = world().await;
    let mut words = format!("{upyun:?}");
    for fault in [Fault::Close, Fault::Answer(401, r#"{"msg":"signature error"}"#), Fault::Answer(200, "x")] {
        fake.fail_next(fault);
        let task = "a".parse().unwrap();
        words += &all_words(&upyun.status(&task, ample()).await.unwrap_err());
    }
    words += &all_words(&put_abc(&nowhere().await, "/a.txt").await.unwrap_err());
    assert!(!words.contains("CANARY") && !words.contains("UPYUN operator:"), "{words}");
}
