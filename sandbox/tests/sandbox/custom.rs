//! Customer-service messages: what arrives, and when one may be sent.

use serde_json::{Value, json};
use wxgate_sandbox::{APP_ID, AppChange, CARD_ID, Contact, CustomMessage, MessageFilter, NewMedia, Sample};

use crate::play::{Heard, Play};

const SEND: &str = "/cgi-bin/message/custom/send";
const TYPING: &str = "/cgi-bin/message/custom/typing";

impl Play {
    async fn say(&self, token: &str) -> Heard {
        let text = json!({"touser": "oSandboxUser01", "msgtype": "text", "text": {"content": "你好"}});
        self.call(SEND, token, &text).await
    }

    async fn typing(&self, token: &str, command: &str) -> i64 {
        let body = json!({"touser": "oSandboxUser01", "command": command});
        self.call(TYPING, token, &body).await.errcode()
    }

    fn custom(&self) -> Vec<CustomMessage> {
        self.control().custom_messages(&MessageFilter::default()).entries
    }
}

#[tokio::test]
async fn a_message_arrives_byte_for_byte() {
    let play = Play::start();
    let token = play.token().await;
    let body = "{\"touser\" : \"oSandboxUser01\",\n \"msgtype\":\"text\", \"text\":{\"content\":\"<a href=\\\"x\\\">咖啡</a> \\u2615\"}}";
    let heard = play.hear(play.post(&format!("{SEND}?access_token={token}"), body)).await;

    assert_eq!(heard.json(), json!({"errcode": 0, "errmsg": "ok"}));
    let arrived = play.custom().remove(0);
    assert_eq!((arrived.body.as_str(), arrived.msgtype.as_str()), (body, "text"));
    assert_eq!((arrived.app.as_str(), arrived.touser.as_str()), (APP_ID, "oSandboxUser01"));
}

#[tokio::test]
async fn each_bad_message_has_its_errcode_and_reaches_nobody() {
    let play = Play::start();
    let token = play.token().await;
    let change = AppChange {
        unfollow: ["oSandboxUser09".to_owned()].into(),
        refuse_unicode_escapes: Some(true),
        ..AppChange::default()
    };
    play.change(change);
    let text = json!({"content": "hi"});
    let messages = [
        (json!({"touser": "oNobody", "msgtype": "text", "text": text}), 40003),
        (json!({"touser": "oSandboxUser09", "msgtype": "text", "text": text}), 45015),
        (json!({"msgtype": "text", "text": text}), 41009),
        (json!({"touser": "oSandboxUser01", "msgtype": "text", "text": {"content": ""}}), 44004),
        (json!({"touser": "oSandboxUser01", "msgtype": "dance", "dance": {}}), 40008),
        (json!({"touser": "oSandboxUser01", "msgtype": "wxcard", "wxcard": {"card_id": "pNone"}}), 40073),
        (json!("text"), 47001),
    ];
    for (message, errcode) in messages {
        assert_eq!(play.call(SEND, &token, &message).await.errcode(), errcode, "{message}");
    }
    let escaped = r#"{"touser":"oSandboxUser01","msgtype":"text","text":{"content":"\u4f60"}}"#;
    let escaped = play.post(&format!("{SEND}?access_token={token}"), escaped);
    assert_eq!(play.hear(escaped).await.errcode(), 40033);
    assert!(play.custom().is_empty());

    let card = json!({"touser": "oSandboxUser01", "msgtype": "wxcard", "wxcard": {"card_id": CARD_ID}});
    assert_eq!(play.call(SEND, &token, &card).await.errcode(), 0);
}

#[tokio::test]
async fn media_in_a_message_have_to_be_kept() {
    let play = Play::start();
    let token = play.token().await;
    let put = |sample| play.control().put_media(NewMedia::sample(sample)).unwrap().media_id;
    let (film, picture) = (put(Sample::Video), put(Sample::Image));
    let message = |film: &str, picture: &str| {
        json!({"touser": "oSandboxUser01", "msgtype": "video",
            "video": {"media_id": film, "thumb_media_id": picture}})
    };
    assert_eq!(play.call(SEND, &token, &message(&film, &picture)).await.errcode(), 0);
    assert_eq!(play.call(SEND, &token, &message("nothing", &picture)).await.errcode(), 40007);
    assert_eq!(play.call(SEND, &token, &message(&film, "nothing")).await.errcode(), 40007);

    play.pass_s(3 * 86_400);
    let token = play.token().await;
    assert_eq!(play.call(SEND, &token, &message(&film, &picture)).await.errcode(), 40007);
    assert_eq!(play.custom().len(), 1);
}

#[tokio::test]
async fn five_answers_within_two_days_when_the_window_counts() {
    let play = Play::start();
    let token = play.token().await;
    assert_eq!(play.say(&token).await.errcode(), 0);
    play.change(AppChange { reply_window: Some(true), ..AppChange::default() });
    assert_eq!(play.say(&token).await.errcode(), 45015);

    play.control().contact(APP_ID, "oSandboxUser01", Contact::Message).unwrap();
    for _ in 0..5 {
        assert_eq!(play.say(&token).await.errcode(), 0);
    }
    assert_eq!(play.say(&token).await.errcode(), 45047);

    let made = play.order("/custom/contact", &json!({"openid": "oSandboxUser01", "by": "action"})).await;
    assert_eq!(made.status, 200);
    assert_eq!(play.say(&token).await.errcode(), 0);
    play.pass_s(60);
    assert_eq!(play.say(&token).await.errcode(), 45015);
}

#[tokio::test]
async fn the_typing_mark_is_shown_once_at_a_time() {
    let play = Play::start();
    let token = play.token().await;
    assert_eq!((play.typing(&token, "Typing").await, play.typing(&token, "Typing").await), (0, 45081));
    assert_eq!((play.typing(&token, "CancelTyping").await, play.typing(&token, "Typing").await), (0, 0));
    assert_eq!(play.typing(&token, "Shouting").await, 45072);

    play.pass_s(15);
    play.change(AppChange { reply_window: Some(true), ..AppChange::default() });
    assert_eq!(play.typing(&token, "Typing").await, 45080);
}

#[tokio::test]
async fn messages_are_told_over_http_too() {
    let play = Play::start();
    play.say(&play.token().await).await;
    let told = play.hear(play.get("/_sandbox/custom/messages?touser=oSandboxUser01")).await.json();
    assert_eq!((&told["total"], &told["messages"][0]["msgtype"]), (&Value::from(1), &Value::from("text")));
}
