//! Messages: asynchronous template messages (3.9) and customer-service messages (3.24).

use serde_json::json;
use wxgate_sandbox::{CARD_ID, MessageFilter, NewMedia, Sample};
use wxgate_tests::{Gateway, Pairing, Plan, template};

use super::{asked, data};
use crate::support::reached;

crate::on_both_pairings!(each_kind_of_message_reaches_the_user_byte_for_byte_and_once);

const USER: &str = "oSandboxUser01";

async fn each_kind_of_message_reaches_the_user_byte_for_byte_and_once(pairing: Pairing) {
    let gateway = Plan::new(pairing).start().await;
    let messages = of_each_kind(&gateway);
    for message in &messages {
        let request = gateway.caller.sign("custom_msg_send", &[("msg_data", message)]);
        for _ in 0..2 {
            let answer = data(gateway.caller.send(&request).await.unwrap());
            assert_eq!(answer, json!({ "errcode": 0, "errmsg": "ok" }), "{message}");
        }
    }
    let arrived = gateway.wechat.custom_messages(&MessageFilter::default()).entries;
    assert_eq!(arrived.into_iter().map(|message| message.body).collect::<Vec<_>>(), messages);

    let request = gateway.caller.sign("async_send_tpl", &[("tpl_data", &template(USER))]);
    let id = data(gateway.caller.send(&request).await.unwrap());
    assert!(id.as_i64().is_some_and(|id| (1..1 << 53).contains(&id)), "{id}");
    assert_eq!(data(gateway.caller.send(&request).await.unwrap()), id);
    gateway.caller.finished(id.as_i64().unwrap()).await;
    assert_eq!(reached(&gateway.wechat, USER).len(), 1);

    let stranger = r#"{"touser":"oNobody","msgtype":"text","text":{"content":"你好"}}"#;
    let refused = asked(&gateway.caller, "custom_msg_send", &[("msg_data", stranger)]).await;
    assert_eq!(refused["errcode"], 40003, "WeChat's own refusal: {refused}");
    gateway.end().await;
}

/// A message of each `msgtype`, written as no serialiser would.
fn of_each_kind(gateway: &Gateway) -> Vec<String> {
    let shelved = |sample| gateway.wechat.put_media(NewMedia::sample(sample)).unwrap().media_id;
    let (image, voice, video) = (shelved(Sample::Image), shelved(Sample::Voice), shelved(Sample::Video));
    let kinds = [
        ("text", r#"{"content":"您好，\"咖啡\" 好了 ☕\n<a href=\"http://x\">查看</a>"}"#.to_owned()),
        ("image", format!(r#"{{ "media_id" : "{image}" }}"#)),
        ("voice", format!(r#"{{"media_id":"{voice}"}}"#)),
        ("video", format!(r#"{{"media_id":"{video}","thumb_media_id":"{image}","title":"标题"}}"#)),
        ("music", format!(r#"{{"musicurl":"u","hqmusicurl":"h","thumb_media_id":"{image}","title":"歌"}}"#)),
        ("news", r#"{"articles":[{"title":"新品","url":"http://x/?a=1&b=2","picurl":"p"}]}"#.to_owned()),
        ("mpnews", r#"{"media_id":"article"}"#.to_owned()),
        ("mpnewsarticle", r#"{"article_id":"article"}"#.to_owned()),
        ("msgmenu", r#"{"head_content":"满意吗","list":[{"id":"1","content":"满意"}]}"#.to_owned()),
        ("wxcard", format!(r#"{{"card_id":"{CARD_ID}"}}"#)),
        (
            "miniprogrampage",
            format!(r#"{{"appid":"wx1","pagepath":"p","thumb_media_id":"{image}","title":"店"}}"#),
        ),
    ];
    let message =
        |(kind, part)| format!("{{\"touser\" :\"{USER}\",\n\"msgtype\":\"{kind}\", \"{kind}\":{part}}}");
    kinds.into_iter().map(message).collect()
}
