//! Template messages: what is refused, what reaches a user, and what reaches him only once.

use serde_json::{Value, json};
use wxgate_sandbox::{APP_ID, AppChange, DuplicateAnswer, Template};

use crate::play::{Play, SEND, message, message_with};

fn change(play: &Play, change: AppChange) {
    play.control().change_app(APP_ID, change).unwrap();
}

#[tokio::test]
async fn a_message_reaches_the_user_as_it_was_sent() {
    let play = Play::start();
    let token = play.token().await;
    let mut sent = message_with("client_msg_id", "job-1");
    sent["url"] = "https://shop.example/o/1?a=1&b=<2>".into();
    sent["miniprogram"] = json!({"appid": "wx2", "pagepath": "pages/o?id=1"});
    sent["topcolor"] = "#FF0000".into();
    let heard = play.send(&token, &sent).await;

    let received = &play.messages()[0];
    let msgid = received.msgid;
    assert_eq!(heard.body, format!(r#"{{"errcode":0,"errmsg":"ok","msgid":{msgid}}}"#).as_bytes());
    assert_eq!(msgid.to_string().len(), 19);
    assert_eq!((received.app.as_str(), received.touser.as_str()), (APP_ID, "oSandboxUser01"));
    assert_eq!(Value::Object(received.data.clone()), sent["data"]);
    assert_eq!(received.url.as_deref(), sent["url"].as_str());
    assert_eq!(received.miniprogram.as_ref(), Some(&sent["miniprogram"]));
    assert_eq!(received.client_msg_id.as_deref(), Some("job-1"));
}

#[tokio::test]
async fn a_body_is_read_whatever_its_content_type_says() {
    let play = Play::start();
    let token = play.token().await;
    let bare = play.sending(&token, &message());
    assert_eq!(play.hear(bare).await.errcode(), 0);
    let form = play.sending(&token, &message());
    let form = form.header("content-type", "application/x-www-form-urlencoded");
    assert_eq!(play.hear(form).await.errcode(), 0);
}

#[tokio::test]
async fn each_bad_message_has_its_errcode_and_reaches_nobody() {
    let play = Play::start();
    let token = play.token().await;
    change(&play, AppChange { unfollow: ["oSandboxUser09".to_owned()].into(), ..AppChange::default() });
    let messages = [
        (message_with("touser", "oNobody"), 40003),
        (message_with("touser", ""), 40003),
        (message_with("touser", "oSandboxUser09"), 43004),
        (message_with("template_id", "no-such-template"), 40037),
        (message_with("template_id", "x".repeat(65)), 40036),
        (message_with("template_id", "short"), 40036),
        (message_with("data", "text"), 47001),
        (message_with("data", json!({"thing1": {"value": 7}})), 47001),
        (message_with("data", json!({"thing1": {"value": "好".repeat(21)}})), 47003),
        (message_with("data", json!({"character_string2": {"value": "号码"}})), 47003),
        (message_with("miniprogram", json!({"pagepath": "pages/o"})), 40166),
        (message_with("client_msg_id", "x".repeat(65)), 45067),
    ];
    for (message, errcode) in messages {
        assert_eq!(play.send(&token, &message).await.errcode(), errcode, "{message}");
    }
    for broken in ["", "{", "touser=oSandboxUser01"] {
        let request = play.post(&format!("{SEND}?access_token={token}"), broken);
        assert_eq!(play.hear(request).await.errcode(), 47001, "{broken}");
    }
    assert!(play.messages().is_empty());
}

#[tokio::test]
async fn a_broken_rule_names_its_field() {
    let play = Play::start();
    let token = play.token().await;
    let long = json!({"first": {"value": "x".repeat(99)}, "thing7": {"value": "x".repeat(21)}});
    let refused = play.send(&token, &message_with("data", long)).await;
    let errmsg = refused.json()["errmsg"].as_str().unwrap().to_owned();
    assert!(errmsg.starts_with("argument invalid! data.thing7.value invalid rid: "), "{errmsg}");
}

#[tokio::test]
async fn a_template_with_fields_wants_each_of_them_and_ignores_others() {
    let play = Play::start();
    let token = play.token().await;
    let fields = Some(["thing1".to_owned(), "time2".to_owned()].into());
    let templates = [("t".to_owned(), Some(Template { fields }))].into();
    change(&play, AppChange { templates, ..AppChange::default() });

    let mut message = message_with("template_id", "t");
    assert_eq!(play.send(&token, &message).await.errcode(), 47003);
    message["data"]["time2"] = json!({"value": ""});
    assert_eq!(play.send(&token, &message).await.errcode(), 47003);
    message["data"]["time2"] = json!({"value": "2026年1月1日 12:00"});
    message["data"]["thing9"] = json!({"value": "x".repeat(21)});
    assert_eq!(play.send(&token, &message).await.errcode(), 0);
}

#[tokio::test]
async fn unicode_escapes_are_refused_when_switched_on() {
    let play = Play::start();
    let token = play.token().await;
    let body = message().to_string().replace('咖', "\\u5496");
    let send = || play.hear(play.post(&format!("{SEND}?access_token={token}"), body.clone()));
    assert_eq!(send().await.errcode(), 0);

    change(&play, AppChange { refuse_unicode_escapes: Some(true), ..AppChange::default() });
    assert_eq!(send().await.errcode(), 40033);
    assert_eq!(play.send(&token, &message()).await.errcode(), 0);
}

#[tokio::test]
async fn one_client_msg_id_reaches_one_user_once_in_ten_minutes() {
    let play = Play::start();
    let token = play.token().await;
    let mine = message_with("client_msg_id", "job-1");
    let mut other = mine.clone();
    other["touser"] = "oSandboxUser02".into();

    let first = play.send(&token, &mine).await.json();
    assert_eq!(play.send(&token, &mine).await.json(), first);
    assert_ne!(play.send(&token, &other).await.json()["msgid"], first["msgid"]);
    play.pass_s(590);
    assert_eq!(play.send(&token, &mine).await.json(), first);
    let repeats: Vec<u64> = play.messages().iter().map(|message| message.repeats).collect();
    assert_eq!(repeats, [2, 0]);

    play.pass_s(10);
    assert_ne!(play.send(&token, &mine).await.json()["msgid"], first["msgid"]);
    assert_eq!((play.messages().len(), play.control().stats().repeats), (3, 2));
}

#[tokio::test]
async fn a_repeat_is_answered_as_the_app_is_set() {
    let play = Play::start();
    let token = play.token().await;
    let mine = message_with("client_msg_id", "job-1");
    let first = play.send(&token, &mine).await.json();

    change(
        &play,
        AppChange { duplicate_answer: Some(DuplicateAnswer::RepeatedMsgId), ..AppChange::default() },
    );
    assert_eq!(play.send(&token, &mine).await.errcode(), 44007);
    change(
        &play,
        AppChange { duplicate_answer: Some(DuplicateAnswer::ClientMsgIdExists), ..AppChange::default() },
    );
    let exists = play.send(&token, &mine).await;
    assert_eq!(exists.errcode(), 45065);
    assert_eq!(exists.json()["msg_id"], first["msgid"]);
    assert_eq!(play.messages().len(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_many_sends_at_once_with_one_id_one_goes_out() {
    let play = Play::start();
    let token = play.token().await;
    let mine = message_with("client_msg_id", "job-1");
    let sends: Vec<_> = (0..50).map(|_| tokio::spawn(play.sending(&token, &mine).send())).collect();
    for send in sends {
        assert_eq!(send.await.unwrap().unwrap().status(), 200);
    }
    assert_eq!(play.messages().len(), 1);
    assert_eq!(play.messages()[0].repeats, 49);
}
