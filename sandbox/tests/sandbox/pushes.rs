//! Pushes to an app's own address.

use serde_json::{Value, json};
use wxgate_sandbox::{
    APP_ID, AppChange, PushFilter, PushMode, PushOrder, PushTarget, ReceiptStatus, Receipts, Setting,
};

use crate::play::{LIMIT, Play, SEND, message};
use crate::receiver::{Answer, Came, Receiver, TOKEN};

impl Play {
    fn pushes_to(&self, target: PushTarget) {
        self.change(AppChange { push: Setting::Set(target), ..AppChange::default() });
    }

    fn receipts(&self, receipts: Receipts) {
        self.change(AppChange { receipts: Some(receipts), ..AppChange::default() });
    }

    /// Pushes and waits for the end of it.
    async fn pushed(&self, order: PushOrder) -> wxgate_sandbox::Push {
        let number = self.control().push(&order).unwrap()[0];
        self.control().push_ended(number).await.unwrap()
    }

    /// Sends a template message and waits for so many pushes of it.
    async fn receipted(&self, count: usize) -> Value {
        let told = self.call(SEND, &self.token().await, &message()).await.json();
        let ended = |pushes: Vec<wxgate_sandbox::Push>| pushes.iter().filter(|push| push.ended).count();
        let all = |control: &wxgate_sandbox::Control| control.pushes(&PushFilter::default()).entries;
        assert!(self.control().until(LIMIT, |control| ended(all(control)) == count).await);
        told
    }
}

fn scan() -> PushOrder {
    let fields = json!({"EventKey": "till-7", "Ticket": "gQ1"}).as_object().unwrap().clone();
    PushOrder { event: Some("SCAN".to_owned()), fields, ..PushOrder::default() }
}

fn is_signed(came: &Came) -> bool {
    came.query["signature"] == came.signed(TOKEN, &[])
}

#[tokio::test]
async fn a_plain_push_is_signed_and_says_what_was_ordered() {
    let play = Play::start();
    let receiver = Receiver::start();
    play.pushes_to(receiver.plain());
    let push = play.pushed(scan()).await;

    assert!(push.was_taken() && push.attempts[0].body == "success", "{push:?}");
    let came = receiver.came().pop().unwrap();
    assert!(is_signed(&came) && came.query["app"] == "1" && came.query["openid"] == "oSandboxUser01");
    assert_eq!((came.element("MsgType"), came.element("Event")), ("event", "SCAN"));
    assert_eq!((came.element("EventKey"), came.element("FromUserName")), ("till-7", "oSandboxUser01"));
    assert_eq!(came.body, push.xml);
}

#[tokio::test]
async fn an_encrypted_push_shows_nothing_and_a_compatible_one_both() {
    let play = Play::start();
    let receiver = Receiver::start();
    play.pushes_to(receiver.encrypted());
    play.pushed(scan()).await;
    play.pushed(PushOrder { mode: Some(PushMode::Compatible), ..scan() }).await;

    let came = receiver.came();
    assert!(!came[0].body.contains("SCAN") && came[0].element("ToUserName") == "gh_sandbox0001");
    assert_eq!(came[1].element("Event"), "SCAN");
    for came in &came {
        assert!(is_signed(came) && came.query["encrypt_type"] == "aes");
        assert_eq!(came.query["msg_signature"], came.signed(TOKEN, &[came.element("Encrypt")]));
    }
}

#[tokio::test]
async fn a_push_without_a_good_answer_is_repeated_twice() {
    let play = Play::start();
    let receiver = Receiver::start();
    play.pushes_to(receiver.plain());
    receiver.answers([Answer::Status(500), Answer::Nothing]);
    let push = play.pushed(PushOrder { answer_within_ms: 300, ..scan() }).await;
    let statuses: Vec<Option<u16>> = push.attempts.iter().map(|attempt| attempt.status).collect();
    assert_eq!(statuses, [Some(500), None, Some(200)]);
    assert_eq!(push.attempts[1].error.as_deref(), Some("no answer within 300 ms"));
    let bodies: Vec<String> = receiver.came().into_iter().map(|came| came.body).collect();
    assert!(bodies.len() == 3 && bodies.iter().all(|body| *body == bodies[0]));

    receiver.answers([Answer::Status(500), Answer::Status(500), Answer::Status(500)]);
    let push = play.pushed(scan()).await;
    assert!(!push.was_taken() && push.attempts.len() == 3);
}

#[tokio::test]
async fn faults_of_pushes_can_be_ordered_over_http() {
    let play = Play::start();
    let receiver = Receiver::start();
    play.pushes_to(receiver.plain());
    let order = json!({"event": "SCAN", "wrong_signature": true, "times": 2, "delay_ms": 1,
        "fields": {"MsgID": 0, "CreateTime": 1_700_000_000, "ScanCodeInfo": {"ScanType": "qrcode"}}});
    let pushes = play.order("/pushes", &order).await.json();

    assert_eq!(pushes["pushes"].as_array().unwrap().len(), 2);
    let came = receiver.came();
    assert!(came.len() == 2 && !is_signed(&came[0]) && came[0].body == came[1].body);
    assert_eq!((came[0].element("MsgID"), came[0].element("CreateTime")), ("0", "1700000000"));
    assert!(came[0].body.contains("<ScanCodeInfo><ScanType><![CDATA[qrcode]]></ScanType></ScanCodeInfo>"));
    let listed = play.hear(play.get(&format!("/_sandbox/pushes?app={APP_ID}&what=SCAN"))).await.json();
    assert_eq!(listed["total"], 2);
}

#[tokio::test]
async fn an_order_that_makes_no_sense_is_refused() {
    let play = Play::start();
    assert_eq!(play.order("/pushes", &json!({"event": "SCAN"})).await.status, 400);
    play.pushes_to(PushTarget::new("http://127.0.0.1:9/", TOKEN));
    let orders = [
        json!({}),
        json!({"event": "SCAN", "times": 0}),
        json!({"event": "SCAN", "mode": "aes"}),
        json!({"event": "SCAN", "fields": {"not a name": 1}}),
        json!({"event": "SCAN", "unknown": 1}),
    ];
    for order in orders {
        assert_eq!(play.order("/pushes", &order).await.status, 400, "{order}");
    }
    assert_eq!(play.order("/pushes", &json!({"app": "wx0", "event": "SCAN"})).await.status, 404);
    let url = format!("{}/_sandbox/apps/{APP_ID}", play.running.url());
    let unsound = play.http.patch(url).body(r#"{"push":{"url":"ftp://x","token":"t"}}"#);
    assert_eq!(play.hear(unsound).await.status, 400);
}

#[tokio::test]
async fn the_check_of_an_address_wants_the_word_back() {
    let play = Play::start();
    let receiver = Receiver::start();
    play.pushes_to(receiver.plain());
    let check = play.control().check_push_url(APP_ID).await.unwrap();
    assert!(check.passed && check.answer.body == check.echostr, "{check:?}");
    assert!(is_signed(&receiver.came()[0]));

    receiver.answers([Answer::Status(403)]);
    let check = play.hear(play.post("/_sandbox/pushes/check", "")).await.json();
    assert_eq!((&check["passed"], &check["answer"]["status"]), (&json!(false), &json!(403)));
}

#[tokio::test]
async fn a_template_message_has_its_receipt() {
    let play = Play::start();
    let receiver = Receiver::start();
    play.pushes_to(receiver.plain());
    play.receipts(Receipts { status: ReceiptStatus::SystemFailed, delay_ms: 1, ..Receipts::default() });
    let told = play.receipted(1).await;

    let came = receiver.came().pop().unwrap();
    assert_eq!(
        (came.element("Event"), came.element("Status")),
        ("TEMPLATESENDJOBFINISH", "failed: system failed")
    );
    assert_eq!(came.element("MsgID"), told["msgid"].to_string());
    assert_eq!(came.element("FromUserName"), "oSandboxUser01");
}

#[tokio::test]
async fn a_receipt_can_overtake_the_answer_come_twice_and_without_an_id() {
    let play = Play::start();
    let receiver = Receiver::start();
    play.pushes_to(receiver.plain());
    play.receipts(Receipts {
        delay_ms: 1,
        before_answer: true,
        zero_msgid: true,
        times: 2,
        ..Receipts::default()
    });
    let told = play.call(SEND, &play.token().await, &message()).await;
    let pushes = play.control().pushes(&PushFilter::default()).entries;
    assert_eq!((told.errcode(), pushes.len(), pushes[1].ended), (0, 2, true));
    play.control().push_ended(1).await;
    assert!(receiver.came().iter().all(|came| came.element("MsgID") == "0"));

    play.receipts(Receipts { times: 0, ..Receipts::default() });
    play.call(SEND, &play.token().await, &message()).await;
    assert_eq!(play.control().pushes(&PushFilter::default()).total, 2);
}

#[tokio::test]
async fn a_users_message_lets_the_app_answer() {
    let play = Play::start();
    let receiver = Receiver::start();
    play.pushes_to(receiver.plain());
    play.change(AppChange { reply_window: Some(true), ..AppChange::default() });
    let text = json!({"touser": "oSandboxUser01", "msgtype": "text", "text": {"content": "hi"}});
    let token = play.token().await;
    assert_eq!(play.call("/cgi-bin/message/custom/send", &token, &text).await.errcode(), 45015);

    let fields = json!({"MsgType": "text", "Content": "你好"}).as_object().unwrap().clone();
    play.pushed(PushOrder { fields, ..PushOrder::default() }).await;
    assert_eq!(play.call("/cgi-bin/message/custom/send", &token, &text).await.errcode(), 0);
    assert!(receiver.came()[0].element("MsgId").parse::<u64>().unwrap() > 0);
}
