//! What is one caller's is to another as if it were not there: everywhere that an id of ours is taken, by the
//! declarations, so that an interface which is added is tried as well.

use serde_json::Value;
use wxgate_api::interface::Example;
use wxgate_api::interfaces::ALL;
use wxgate_api::{Interface, Param};
use wxgate_job::JobState;

use crate::fake_wechat::FakeWeChat;
use crate::http::Envelope;
use crate::request::Request;
use crate::support::TestGateway;

/// Whose answers are ids of WeChat's, which belong to the app and so to all its callers.
const OF_THE_APP: [&str; 3] = ["create_card", "get_card_list", "upload_media"];

/// A request of `client` with an example for everything required, but this for `id`.
fn request(interface: &Interface, client: &str, id: Option<(&Param, &str)>) -> Request {
    let required = interface.params.iter().filter(|param| param.required);
    let examples = required.map(|param| match (id, param.example) {
        (Some((of, id)), _) if of.name == param.name => (param.name, id),
        (_, Example::Value(value)) => (param.name, value),
        (_, other) => panic!("{}.{}: {other:?}", interface.name, param.name),
    });
    let request = Request::to(interface.name).with("client_code", client).with("n", rand::random::<u64>());
    examples.fold(request, |request, (name, value)| request.with(name, value))
}

/// What the owner was given.
async fn owned(gateway: &TestGateway, provider: &str, pointer: &str) -> String {
    let provider = ALL.iter().find(|interface| interface.name == provider).unwrap();
    let answer = gateway.answered(&request(provider, "trusted", None)).await;
    match answer.pointer(pointer).unwrap() {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// An id of the same kind that nobody has.
fn unknown(id: &str) -> String {
    if let Ok(number) = id.parse::<u64>() {
        return (number + 1_000_000).to_string();
    }
    let (address, key) = id.split_at(id.len() - 32);
    format!("{address}{}", key.chars().rev().collect::<String>())
}

fn without(envelope: Envelope, id: &str) -> (u16, String) {
    assert_ne!(envelope.retcode, 200, "{envelope:?}");
    (envelope.retcode, format!("{} {}", envelope.data, envelope.msg).replace(id, "ID"))
}

#[tokio::test]
async fn anothers_id_is_answered_like_one_that_nobody_has() {
    let gateway = TestGateway::start_against(&FakeWeChat::start().await).await;
    let mut tried = Vec::new();
    for interface in ALL {
        for param in interface.params {
            let Example::Answer { interface: provider, pointer } = param.example else { continue };
            if OF_THE_APP.contains(&provider) {
                continue;
            }
            let id = owned(&gateway, provider, pointer).await;
            let nobodys = unknown(&id);
            let ask =
                async |client, id: &str| gateway.call(&request(interface, client, Some((param, id)))).await;
            let stranger = without(ask("other-trusted", &id).await, &id);
            assert_eq!(
                stranger,
                without(ask("other-trusted", &nobodys).await, &nobodys),
                "{}",
                interface.name
            );

            let owner = ask("trusted", &id).await;
            assert_ne!(owner.retcode, stranger.0, "{}: {owner:?}", interface.name);
            tried.push((interface.name, param.name));
        }
    }
    for known in [("get_job_status", "job_id"), ("update_tiny_url", "url_val"), ("set_user_data", "key")] {
        assert!(tried.contains(&known), "{tried:?}");
    }
}

#[tokio::test]
async fn anothers_conversion_of_a_voice_message_is_as_if_it_had_never_been_asked_for() {
    let gateway = TestGateway::start().await;
    let ask = async |client: &str, media: &str| {
        let request = Request::to("check_upyun_status").with("client_code", client).with("media_id", media);
        gateway.call(&request.with("n", rand::random::<u64>())).await
    };
    let order = Request::to("download_amr_to_mp3").with("media_id", "VOICE");
    gateway.answered(&order.with("notify_url", "https://shop.example/mp3")).await;
    let job = gateway.jobs().await[0].id;
    gateway.finish(job, JobState::Succeeded, Some(r#"{"file_url":"https://files.example/1.mp3"}"#)).await;

    assert_eq!(ask("shop", "VOICE").await.data, "https://files.example/1.mp3");
    let stranger = without(ask("other-shop", "VOICE").await, "VOICE");
    assert_eq!(stranger, without(ask("other-shop", "NOBODYS").await, "NOBODYS"));
    assert_eq!(stranger.0, 404);
}

#[tokio::test]
async fn one_callers_idempotency_key_means_nothing_to_another() {
    let gateway = TestGateway::start().await;
    let request = Request::send().with("request_id", "order-1");
    let id = gateway.accepted(&request).await;
    let other =
        request.with("client_code", "other-shop").with("tpl_data", r#"{"touser":"o","template_id":"t"}"#);
    assert_ne!(gateway.accepted(&other).await, id, "neither refused nor joined");
}
