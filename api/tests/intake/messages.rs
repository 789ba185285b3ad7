//! Customer-service messages (3.24).

use serde_json::json;

use crate::fake_wechat::FakeWeChat;
use crate::request::Request;
use crate::support::TestGateway;

const SEND: &str = "/cgi-bin/message/custom/send";

fn send(message: &str) -> Request {
    Request::to("custom_msg_send").with("msg_data", message)
}

#[tokio::test]
async fn a_message_is_handed_on_byte_for_byte() {
    let wechat = FakeWeChat::that_says(SEND, r#"{"errcode":0,"errmsg":"ok"}"#).await;
    let gateway = TestGateway::start_against(&wechat).await;
    let messages = [
        " {\"touser\":\"o\",\"msgtype\":\"text\",\n \"text\":{\"content\":\"你好 <a href=\\\"http://a\\\">\\/</a> 😀\"}} ",
        r#"{"touser":"o","msgtype":"msgmenu","msgmenu":{"list":[{"id":101,"content":"\u6ee1\u610f"}]},"touser":"p"}"#,
        r#"{"touser":"o","msgtype":"anything new","n":12345678901234567890.10}"#,
    ];
    for message in messages {
        assert_eq!(gateway.answered(&send(message)).await, json!({"errcode": 0, "errmsg": "ok"}));
    }
    let asked: Vec<_> = wechat.asked(SEND).into_iter().map(|asked| asked.body).collect();
    assert_eq!(asked, messages);
}

#[tokio::test]
async fn a_message_is_a_json_object() {
    let gateway = TestGateway::start().await;
    for message in ["hello", "[]", "\"{}\"", "{", "{}}", "null"] {
        gateway.refused(&send(message), 400, "msg_data: ").await;
    }
}
