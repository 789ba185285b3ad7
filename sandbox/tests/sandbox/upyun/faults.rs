//! Each fault of the simulated Upyun.

use std::time::{Duration, Instant};

use reqwest::Method;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use wxgate_sandbox::{Control, Fault, Rule, Spot, UpyunFilter};

use super::{code, to_mp3};
use crate::play::{LIMIT, Play};
use crate::receiver::{Answer, Receiver};

/// Long beside what a call takes.
const DELAY_MS: u64 = 1_000;

fn notifies(control: &Control) -> usize {
    control.upyun_notifies(&UpyunFilter::default()).total
}

/// Hands in a task that fails at once, and comes back with its id.
async fn task(play: &Play, receiver: &Receiver) -> String {
    play.submit("/none.amr", &receiver.notify_url(), &to_mp3("/x.mp3")).await.remove(0)
}

#[tokio::test]
async fn a_call_is_refused_so_many_times_and_only_where_the_rule_says() {
    let play = Play::start();
    play.fault(Rule::new(Fault::Errcode(42_900_002)).upyun(Spot::Put).path("/sandbox/voice/").times(2));
    assert_eq!(code(&play.put("/sandbox/voice/1", "abc").await), 42_900_002);
    assert_eq!(play.put("/sandbox/other", "abc").await.status, 200);
    let refused = play.put("/sandbox/voice/1", "abc").await;
    assert_eq!(refused.json()["msg"], "too many requests of the same uri");
    assert_eq!(play.put("/sandbox/voice/1", "abc").await.status, 200);

    play.fault(Rule::new(Fault::Status(502)).upyun(Spot::Call).times(1));
    let page = play.got("/sandbox/voice/1").await;
    assert_eq!((page.status, page.content_type.as_str()), (502, "text/html"));
    let counts = &play.control().upyun().calls[&Spot::Put];
    assert_eq!((counts["42900002"], counts["0"]), (2, 2));
}

#[tokio::test]
async fn rules_for_one_side_spare_the_other() {
    let play = Play::start();
    play.fault(Rule::new(Fault::Status(502)));
    assert_eq!(play.put("/sandbox/a", "abc").await.status, 200);
    play.control().lift_faults();
    play.fault(Rule::new(Fault::Status(502)).upyun(Spot::Call));
    assert_eq!(play.ask_token().await.errcode(), 0);
}

#[tokio::test]
async fn a_connection_dropped_in_the_middle_of_an_upload_leaves_nothing() {
    let play = Play::start();
    play.put("/sandbox/a", "the former one").await;
    play.fault(Rule::new(Fault::Drop).upyun(Spot::Put).times(1));
    let dropped = play.upyun(Method::PUT, "/sandbox/a").body(vec![7; 8 << 20]).send().await;
    assert!(dropped.is_err());
    assert_eq!(play.control().upyun_object("/a").unwrap(), "the former one");
    assert_eq!(play.control().upyun().calls[&Spot::Put]["dropped"], 1);

    play.fault(Rule::new(Fault::Drop).upyun(Spot::Put).times(1).after_effect());
    assert!(play.upyun(Method::PUT, "/sandbox/a").body("the new one").send().await.is_err());
    assert_eq!(play.control().upyun_object("/a").unwrap(), "the new one");
}

#[tokio::test]
async fn an_upload_that_its_client_breaks_off_leaves_nothing() {
    let play = Play::start();
    let mut socket = TcpStream::connect(play.running.upyun_address().unwrap()).await.unwrap();
    let head = "PUT /sandbox/a HTTP/1.1\r\nHost: upyun\r\nContent-Length: 1000\r\n\r\n0123456789";
    socket.write_all(head.as_bytes()).await.unwrap();
    let arrived = |control: &Control| control.upyun_calls(&UpyunFilter::default()).total == 1;
    assert!(play.control().until(LIMIT, arrived).await);
    drop(socket);

    let broken_off = |control: &Control| control.upyun().calls.contains_key(&Spot::Put);
    assert!(play.control().until(LIMIT, broken_off).await);
    assert_eq!(play.control().upyun().calls[&Spot::Put]["broken off"], 1);
    assert_eq!(play.control().upyun().held_bytes, 0);
}

#[tokio::test]
async fn a_slow_answer_is_slow_and_right() {
    let play = Play::start();
    play.put("/sandbox/a", "abc").await;
    play.fault(Rule::new(Fault::DelayMs(DELAY_MS)).upyun(Spot::Public).times(1));
    let began = Instant::now();
    assert_eq!(play.hear(play.upyun_bare(Method::GET, "/public/sandbox/a")).await.body, b"abc");
    assert!(began.elapsed() >= Duration::from_millis(DELAY_MS));
}

#[tokio::test]
async fn half_an_answer_ends_too_soon() {
    let play = Play::start();
    play.put("/sandbox/a", "abcdef").await;
    play.fault(Rule::new(Fault::Half).upyun(Spot::Public).times(1));
    let mut socket = TcpStream::connect(play.running.upyun_address().unwrap()).await.unwrap();
    socket.write_all(b"GET /public/sandbox/a HTTP/1.1\r\nHost: upyun\r\n\r\n").await.unwrap();
    let mut received = String::new();
    socket.read_to_string(&mut received).await.unwrap();
    assert!(received.contains("content-length: 6") && received.ends_with("\r\n\r\nabc"), "{received}");
}

#[tokio::test]
async fn a_task_fails_with_the_code_of_the_rule() {
    let play = Play::start();
    let receiver = Receiver::start();
    play.fault(Rule::new(Fault::Status(502)).upyun(Spot::Task).path("/sandbox/none.amr").times(1));
    task(&play, &receiver).await;
    let notify: Value = serde_json::from_str(&receiver.next().await.body).unwrap();
    assert_eq!((&notify["status_code"], &notify["path"]), (&json!(502), &json!([])));
}

#[tokio::test]
async fn a_task_left_hanging_is_never_over() {
    let play = Play::start();
    let receiver = Receiver::start();
    play.fault(Rule::new(Fault::Hang).upyun(Spot::Task).times(1));
    let hung = task(&play, &receiver).await;
    let other = task(&play, &receiver).await;
    let notify: Value = serde_json::from_str(&receiver.next().await.body).unwrap();
    assert_eq!(notify["task_id"], other);
    let told = play.got(&format!("/status/?service=sandbox&task_ids={hung},{other}")).await.json();
    assert_eq!(told["tasks"], json!({hung: 0, other: -1}));
}

#[tokio::test]
async fn a_lost_notify_is_noted_and_not_repeated() {
    let play = Play::start();
    play.hurry_notifies(5);
    let receiver = Receiver::start();
    let rule = play.fault(Rule::new(Fault::Drop).upyun(Spot::Notify).times(1));
    task(&play, &receiver).await;
    assert!(play.control().until(LIMIT, |control| notifies(control) == 1).await);
    let lost = play.control().upyun_notifies(&UpyunFilter::default()).entries.remove(0);
    assert_eq!((lost.fault, lost.answered, lost.error.is_some()), (Some(rule), None, true));

    let told = task(&play, &receiver).await;
    let notify: Value = serde_json::from_str(&receiver.next().await.body).unwrap();
    assert_eq!(notify["task_id"], told);
}

#[tokio::test]
async fn a_doubled_notify_comes_twice_and_a_late_one_late() {
    let play = Play::start();
    let receiver = Receiver::start();
    play.fault(Rule::new(Fault::Twice).upyun(Spot::Notify).times(1));
    task(&play, &receiver).await;
    assert_eq!(receiver.next().await.body, receiver.next().await.body);

    play.fault(Rule::new(Fault::DelayMs(DELAY_MS)).upyun(Spot::Notify).times(1));
    let began = Instant::now();
    task(&play, &receiver).await;
    receiver.next().await;
    assert!(began.elapsed() >= Duration::from_millis(DELAY_MS));
}

#[tokio::test]
async fn a_forged_notify_has_a_wrong_signature_and_nothing_else_wrong() {
    let play = Play::start();
    play.hurry_notifies(1);
    let receiver = Receiver::start();
    receiver.answers([Answer::Status(403)]);
    play.fault(Rule::new(Fault::Forge).upyun(Spot::Notify).times(1));
    let id = task(&play, &receiver).await;
    let forged = receiver.next().await;
    assert!(!forged.is_signed_by_upyun());
    assert_eq!(serde_json::from_str::<Value>(&forged.body).unwrap()["task_id"], id);
}

#[tokio::test]
async fn a_rule_that_makes_no_sense_there_is_refused() {
    let play = Play::start();
    for (rule, sentence) in [
        (json!({"upyun": "put", "fault": "rotate"}), "cannot happen there"),
        (json!({"upyun": "put", "fault": "forge"}), "cannot happen there"),
        (json!({"upyun": "task", "fault": "drop"}), "cannot happen there"),
        (json!({"upyun": "notify", "fault": {"status": 500}}), "cannot happen there"),
        (json!({"fault": "twice"}), "cannot happen there"),
        (json!({"upyun": "notify", "when": "after", "fault": "drop"}), "no such moments"),
        (json!({"upyun": "put", "app": "wx2", "fault": "drop"}), "about WeChat"),
        (json!({"upyun": "put", "fault": {"errcode": 40001}}), "eight digits"),
        (json!({"upyun": "get", "when": "before", "fault": "endless"}), "after the effect"),
        (json!({"fault": {"bytes_per_s": 0}}), "at least 1"),
    ] {
        let refused = play.hear(play.post("/_sandbox/faults", rule.to_string())).await;
        assert_eq!(refused.status, 400, "{rule}");
        let error = refused.json()["error"].as_str().unwrap().to_owned();
        assert!(error.contains(sentence), "{rule}: {error}");
    }
    let setting = play.http.patch(format!("{}/_sandbox/upyun", play.running.url()));
    assert_eq!(play.hear(setting.body(r#"{"notify_attempts":0}"#)).await.status, 400);
}
