//! What each kind of failure means for a job.

use std::sync::Arc;
use std::time::Duration;

use crate::support::again;
use wxgate_job::Outcome;
use wxgate_token::{KeeperError, TokenStoreError};
use wxgate_wechat::{Family, Refusal, Sent, WeChatError};

fn refusal(errcode: i64) -> Outcome {
    let refusal = Refusal { family: Family::AppCall, errcode, errmsg: "words".to_owned() };
    WeChatError::Refused(refusal).into()
}

#[test]
fn each_class_of_return_code_has_its_outcome() {
    for (errcode, wait_secs) in [(-1, 0), (45011, 60), (45066, 60), (43117, 60), (45102, 600), (40001, 0)] {
        let wait = Duration::from_secs(wait_secs);
        assert_eq!(again(&refusal(errcode)), ("wechat", wait, false), "{errcode}");
    }
    assert!(matches!(refusal(45009), Outcome::Quota(failure) if failure.errcode == Some(45009)));
    assert!(matches!(refusal(48004), Outcome::AppAtFault(_)));
    assert!(matches!(refusal(40003), Outcome::GiveUp(_)));
    assert!(matches!(refusal(77777), Outcome::GiveUp(_)), "an unknown code is permanent");
}

#[test]
fn without_a_token_a_job_waits_as_long_as_the_keeper_says() {
    let away = Arc::new(TokenStoreError::Unavailable("the cable is pulled".into()));
    for (error, code, wait_secs) in [
        (KeeperError::Store(away), "store", 0),
        (KeeperError::SourceTimeout, "token", 0),
        (KeeperError::TooSoon { wait: Duration::from_secs(42) }, "token", 42),
        (KeeperError::DailyLimit, "token", 600),
        (KeeperError::HeldElsewhere, "token", 0),
        (KeeperError::Interrupted, "token", 0),
    ] {
        let outcome = WeChatError::Token(error).into();
        assert_eq!(again(&outcome), (code, Duration::from_secs(wait_secs), false));
    }
}

#[test]
fn the_result_of_a_message_has_the_shape_that_callers_see() {
    let sent = Sent {
        msgid: Some("3662956322040938501".to_owned()),
        duplicate: false,
        errcode: 0,
        errmsg: "ok".to_owned(),
    };
    let Outcome::Done(result) = sent.into() else { panic!("a message sent is done") };
    assert_eq!(
        result.to_string(),
        r#"{"errcode":0,"errmsg":"ok","msgid":"3662956322040938501","delivery":null}"#
    );
}
