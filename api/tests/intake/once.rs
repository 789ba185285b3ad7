//! Requests that are answered at once: done once, and answered the same ever after.

use std::sync::Arc;
use std::time::Duration;

use serde_json::json;
use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpStream;
use tokio::sync::Semaphore;
use wxgate_store::Store as _;
use wxgate_store::model::intake::ReplayKey;
use wxgate_store::model::once::{Once, Turn};

use crate::fake_wechat::{FakeWeChat, Reply};
use crate::request::Request;
use crate::support::TestGateway;

const CONSUME: &str = "/card/code/consume";
const LOOK: &str = "/card/code/get";
const SEND: &str = "/cgi-bin/message/custom/send";
const UPDATE: &str = "/card/membercard/updateuser";
const DONE: &str = r#"{"errcode":0,"errmsg":"ok","card":{"card_id":"pCard"},"openid":"oUser"}"#;
const OK: &str = r#"{"errcode":0,"errmsg":"ok"}"#;

const CONSUMED: &str = r#"{"errcode":40099,"errmsg":"invalid code, this code has consumed."}"#;

/// What WeChat says of the code.
fn looked_up(status: &str) -> String {
    let card = json!({"card_id": "pCard", "begin_time": 1_457_452_800, "end_time": 1_463_155_199});
    json!({"errcode": 0, "errmsg": "ok", "card": card, "openid": "oUser", "can_consume": false,
        "user_card_status": status})
    .to_string()
}

fn consume() -> Request {
    Request::to("consume_card_code").with("code", "110201201245").with("card_id", "pCard")
}

fn message() -> Request {
    Request::to("custom_msg_send").with("msg_data", r#"{"touser":"oUser","msgtype":"text"}"#)
}

fn add(name: &str) -> Request {
    Request::to("membercard_update").with("code", "1").with("card_id", "pCard").with(name, "-5")
}

/// Begins this request as another process would.
async fn begin_elsewhere(gateway: &TestGateway, request: &Request, hold: Duration) -> Turn {
    let key = ReplayKey { client: "shop".to_owned(), authcode: request.signature().as_bytes().to_vec() };
    match gateway.store.begin_once(&key, request.fingerprint(), hold).await.unwrap() {
        Once::Yours(turn) => turn,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_repeat_is_answered_the_same_and_nothing_is_done_twice() {
    let consume = consume();
    let wechat = FakeWeChat::that_says(CONSUME, DONE).await;
    let gateway = TestGateway::start_against(&wechat).await;
    let first = gateway.send(&consume.post()).await.body;
    wechat.says(CONSUME, CONSUMED);

    assert_eq!(gateway.send(&consume.post()).await.body, first);
    assert_eq!(gateway.second_process([8; 4]).send(&consume.post()).await.body, first);
    wechat.asked_once(CONSUME);
    assert_eq!(first, format!(r#"{{"retcode":200,"data":{DONE},"msg":""}}"#));
}

#[tokio::test]
async fn wechats_refusal_is_an_answer_like_any_other() {
    let suspended = r#"{"errcode":45009,"errmsg":"reach max api daily quota limit rid: 1-2-3"}"#;
    let wechat = FakeWeChat::that_says(CONSUME, suspended).await;
    let gateway = TestGateway::start_against(&wechat).await;
    let request = consume();
    for _ in 0..2 {
        let body = gateway.send(&request.post()).await.body;
        assert_eq!(body, format!(r#"{{"retcode":200,"data":{suspended},"msg":""}}"#));
    }
    wechat.asked_once(CONSUME);
}

#[tokio::test]
async fn the_same_request_many_times_at_once_at_two_processes_is_done_once() {
    let wechat = FakeWeChat::start().await;
    let gate = Arc::new(Semaphore::new(0));
    wechat.replies(CONSUME, Reply::Held(Arc::clone(&gate), DONE.to_owned()));
    let gateway = TestGateway::start_against(&wechat).await;
    let second = gateway.second_process([8; 4]);

    let request = consume();
    let calls = (0..8).map(|nth| if nth % 2 == 0 { &gateway } else { &second }.answered(&request));
    let open = async {
        wechat.until_asked(CONSUME).await;
        gate.add_permits(8);
    };
    let (answers, ()) = tokio::join!(futures_util::future::join_all(calls), open);

    wechat.asked_once(CONSUME);
    assert!(answers.iter().all(|answer| answer["openid"] == "oUser"), "{answers:?}");
}

#[tokio::test]
async fn a_caller_whose_connection_broke_finds_the_answer() {
    let message = message();
    let wechat = FakeWeChat::start().await;
    let gate = Arc::new(Semaphore::new(0));
    wechat.replies(SEND, Reply::Held(Arc::clone(&gate), OK.to_owned()));
    let gateway = TestGateway::start_against(&wechat).await;

    let mut stream = TcpStream::connect(gateway.address()).await.unwrap();
    stream.write_all(&message.post()).await.unwrap();
    wechat.until_asked(SEND).await;
    drop(stream);
    gate.add_permits(1);

    assert_eq!(gateway.answered(&message).await, json!({"errcode": 0, "errmsg": "ok"}));
    wechat.asked_once(SEND);
}

#[tokio::test]
async fn what_is_still_under_way_elsewhere_is_504_and_nothing_is_done() {
    let consume = consume();
    let wechat = FakeWeChat::that_says(CONSUME, DONE).await;
    let gateway = TestGateway::start_against(&wechat).await;
    let turn = begin_elsewhere(&gateway, &consume, Duration::from_mins(1)).await;
    gateway.refused(&consume, 504, "still under way").await;
    assert!(wechat.asked(CONSUME).is_empty());

    gateway.store.release_once(&turn).await.unwrap();
    gateway.answered(&consume).await;
}

#[tokio::test]
async fn another_request_under_the_same_authcode_is_refused() {
    let wechat = FakeWeChat::that_says(CONSUME, DONE).await;
    wechat.says("/card/code/unavailable", OK);
    let gateway = TestGateway::start_against(&wechat).await;
    let one = consume();
    let abrogate = Request::to("abrogate_card_code").with("code", "110201201245").with("card_id", "pCard");
    let abrogate = abrogate.authcode(one.signature().to_string());
    gateway.answered(&one).await;

    // The documented scheme signs values alone: this is well signed.
    gateway.refused(&abrogate, 103, "served another request").await;
    assert!(wechat.asked("/card/code/unavailable").is_empty());
}

#[tokio::test]
async fn what_certainly_took_no_effect_can_be_tried_again() {
    let wechat =
        FakeWeChat::that_says("/cgi-bin/token", r#"{"errcode":40125,"errmsg":"invalid appsecret"}"#).await;
    let gateway = TestGateway::start_against(&wechat).await;
    let request = message();
    gateway.refused(&request, 502, "WeChat answered 40125 'invalid appsecret'").await;

    // The keeper pauses after a failure; another process has not failed yet.
    wechat.says("/cgi-bin/token", r#"{"access_token":"app-token","expires_in":7200}"#);
    wechat.says(SEND, OK);
    gateway.second_process([8; 4]).answered(&request).await;
    wechat.asked_once(SEND);
}

#[tokio::test]
async fn without_wechat_nothing_takes_effect_and_the_answer_says_so() {
    let gateway = TestGateway::start().await;
    gateway.refused(&consume(), 502, "nothing took effect").await;
}

#[tokio::test]
async fn an_unknown_end_is_tried_again_where_twice_is_once() {
    let consume = consume();
    let wechat = FakeWeChat::start().await;
    wechat.replies(CONSUME, Reply::Breaks);
    let gateway = TestGateway::start_against(&wechat).await;
    gateway.refused(&consume, 504, "repeat this same signed request unchanged").await;

    wechat.says(CONSUME, DONE);
    assert_eq!(gateway.answered(&consume).await["errcode"], 0);
    assert_eq!(wechat.asked(CONSUME).len(), 2);
}

#[tokio::test]
async fn a_consumption_whose_answer_got_lost_is_told_as_the_success_that_it_was() {
    let consume = consume();
    let wechat = FakeWeChat::start().await;
    wechat.replies(CONSUME, Reply::Breaks);
    let gateway = TestGateway::start_against(&wechat).await;
    gateway.refused(&consume, 504, "repeat this same signed request unchanged").await;

    wechat.says(CONSUME, CONSUMED);
    wechat.says_first(LOOK, r#"{"errcode":-1,"errmsg":"system error"}"#);
    gateway.refused(&consume, 502, "whether the code was consumed is unknown").await;
    wechat.says(LOOK, &looked_up("CONSUMED"));
    let body = gateway.send(&consume.post()).await.body;
    assert_eq!(body, format!(r#"{{"retcode":200,"data":{DONE},"msg":""}}"#));
    let asked = json!({"code": "110201201245", "card_id": "pCard", "check_consume": false});
    assert_eq!(wechat.asked(LOOK)[1].json(), asked);
    assert_eq!(gateway.answered(&consume).await["errcode"], 0);
    assert_eq!(wechat.asked(CONSUME).len(), 3);
}

#[tokio::test]
async fn a_consumption_whose_process_died_is_told_as_the_success_that_it_was() {
    let consume = consume();
    let wechat = FakeWeChat::that_says(CONSUME, CONSUMED).await;
    wechat.says(LOOK, &looked_up("CONSUMED"));
    let gateway = TestGateway::start_against(&wechat).await;
    begin_elsewhere(&gateway, &consume, Duration::ZERO).await;
    assert_eq!(gateway.answered(&consume).await["openid"], "oUser");
}

#[tokio::test]
async fn a_code_that_others_consumed_is_told_so() {
    let wechat = FakeWeChat::that_says(CONSUME, CONSUMED).await;
    wechat.says(LOOK, &looked_up("CONSUMED"));
    let gateway = TestGateway::start_against(&wechat).await;
    assert_eq!(gateway.answered(&consume()).await["errcode"], 40099);
    assert!(wechat.asked(LOOK).is_empty(), "there is no doubt");

    let doubtful = consume().with("n", 2);
    wechat.says(LOOK, &looked_up("GIFTING"));
    begin_elsewhere(&gateway, &doubtful, Duration::ZERO).await;
    assert_eq!(gateway.answered(&doubtful).await["errcode"], 40099);
}

#[tokio::test]
async fn an_unknown_end_is_never_tried_again_where_twice_is_twice() {
    for (path, request) in [(SEND, message()), (UPDATE, add("add_bonus")), (UPDATE, add("add_balance"))] {
        let wechat = FakeWeChat::start().await;
        wechat.replies(path, Reply::Breaks);
        let gateway = TestGateway::start_against(&wechat).await;
        gateway.refused(&request, 504, "it is not repeated: sign it anew").await;

        wechat.says(path, OK);
        gateway.refused(&request, 504, "it is not repeated: sign it anew").await;
        wechat.asked_once(path);
        gateway.answered(&request.with("n", 2)).await;
    }
}

#[tokio::test]
async fn totals_are_set_again_after_an_unknown_end() {
    let total = add("bonus");
    let wechat = FakeWeChat::start().await;
    wechat.replies(UPDATE, Reply::Breaks);
    let gateway = TestGateway::start_against(&wechat).await;
    gateway.refused(&total, 504, "repeat this same signed request unchanged").await;

    wechat.says(UPDATE, OK);
    gateway.answered(&total).await;
    assert_eq!(wechat.asked(UPDATE).len(), 2);
}

#[tokio::test]
async fn a_turn_whose_process_died_is_taken_over_only_where_twice_is_once() {
    let message = message();
    let consume = consume();
    let wechat = FakeWeChat::that_says(CONSUME, DONE).await;
    wechat.says(SEND, OK);
    let gateway = TestGateway::start_against(&wechat).await;
    begin_elsewhere(&gateway, &consume, Duration::ZERO).await;
    begin_elsewhere(&gateway, &message, Duration::ZERO).await;

    gateway.answered(&consume).await;
    gateway.refused(&message, 504, "it is not repeated: sign it anew").await;
    gateway.refused(&message, 504, "it is not repeated: sign it anew").await;
    assert!(wechat.asked(SEND).is_empty());
}

#[tokio::test]
async fn a_token_that_ends_between_two_calls_is_renewed_unseen() {
    let wechat = FakeWeChat::that_says(SEND, OK).await;
    wechat.says_first("/cgi-bin/token", r#"{"access_token":"first-token","expires_in":7200}"#);
    wechat.says_first(SEND, r#"{"errcode":42001,"errmsg":"access_token expired"}"#);
    let gateway = TestGateway::start_against(&wechat).await;
    gateway.answered(&message()).await;
    let asked: Vec<_> =
        wechat.asked(SEND).into_iter().filter_map(|asked| asked.url.query().map(str::to_owned)).collect();
    assert_eq!(asked, ["access_token=first-token", "access_token=app-token"]);
}

#[tokio::test]
async fn a_token_that_wechat_refuses_again_is_no_answer() {
    let message = message();
    let wechat = FakeWeChat::that_says(SEND, r#"{"errcode":42001,"errmsg":"access_token expired"}"#).await;
    wechat.says_first("/cgi-bin/token", r#"{"access_token":"first-token","expires_in":7200}"#);
    let gateway = TestGateway::start_against(&wechat).await;
    gateway.refused(&message, 502, "WeChat answered 42001").await;

    wechat.says(SEND, OK);
    gateway.answered(&message).await;
}
