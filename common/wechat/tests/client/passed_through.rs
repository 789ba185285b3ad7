//! Calls whose JSON passes through.

use crate::support::{APP, Reply, World, all_words, assert_no_secret, json, soon};
use bytes::Bytes;
use wxgate_wechat::{Class, Endpoint, WeChatError};

const CUSTOM: &str = "/cgi-bin/message/custom/send";
const CONSUME: &str = "/card/code/consume";

/// With what a parser and a serializer between would change.
const BODY: &str = "{\"touser\":\"o1\",  \"text\":{\"content\":\"\u{5496}\u{5561} <a href=\\\"/\\\">\"}}";

#[tokio::test]
async fn every_interface_is_called_with_the_token_and_the_callers_own_bytes() {
    let world = World::start().await;
    for endpoint in Endpoint::ALL {
        let body = Bytes::from_static(BODY.as_bytes());
        world.wechat.call_json(APP, endpoint, body, soon()).await.unwrap();

        let [request] = &world.server.received(endpoint.path())[..] else { panic!("{endpoint:?}: once") };
        assert_eq!((request.method.as_str(), &request.body[..]), ("POST", BODY.as_bytes()));
        assert!(request.query("access_token").is_some());
    }
    assert_eq!(world.fake.issued(), 1);
}

#[test]
fn the_interfaces_are_where_wechat_has_them() {
    let mut paths = Endpoint::ALL.map(Endpoint::path);
    paths.sort_unstable();
    #[rustfmt::skip]
    assert_eq!(paths, [
        "/card/code/checkcode", "/card/code/consume", "/card/code/decrypt", "/card/code/deposit",
        "/card/code/get", "/card/code/getdepositcount", "/card/code/unavailable", "/card/create",
        "/card/get", "/card/landingpage/create", "/card/membercard/activate",
        "/card/membercard/updateuser", "/card/modifystock", "/card/mpnews/gethtml",
        "/card/qrcode/create", "/card/testwhitelist/set", "/card/user/getcardlist",
        "/cgi-bin/message/custom/send", "/cgi-bin/qrcode/create",
    ]);
}

#[tokio::test]
async fn an_answer_passes_through_byte_for_byte() {
    let world = World::start().await;
    let answer = b"{\"errcode\":0, \"errmsg\":\"o\x01k\",\"openid\":\"\xe5\xbc\",\"n\":3662956322040938501}";
    let reply = Reply::Whole { status: 200, content_type: "text/plain", body: answer.to_vec() };
    world.fake.next_reply(CONSUME, reply);

    let got = world.wechat.consume_card_code(APP, Bytes::from_static(b"{}"), soon()).await.unwrap();

    assert_eq!((got.errcode(), &got.body()[..]), (0, &answer[..]));
}

#[tokio::test]
async fn a_refusal_is_an_answer() {
    for errcode in [40056, 40127, 45009, 45015, 48001, -1, 77777] {
        let world = World::start().await;
        let answer = format!(r#"{{"errcode":{errcode},"errmsg":"no rid: 1-2-3","_code":"x"}}"#);
        world.fake.next_reply(CONSUME, json(&answer));

        let got = world.wechat.consume_card_code(APP, Bytes::from_static(b"{}"), soon()).await.unwrap();

        assert_eq!((got.errcode(), &got.body()[..]), (errcode, answer.as_bytes()));
        assert_eq!(world.server.received(CONSUME).len(), 1, "{errcode} is not repeated");
    }
}

#[tokio::test]
async fn a_token_that_dies_between_two_calls_is_not_seen_by_the_caller() {
    let world = World::start().await;
    let body = || Bytes::from_static(BODY.as_bytes());
    world.wechat.send_custom_message(APP, body(), soon()).await.unwrap();
    world.fake.retire_tokens();

    let answer = world.wechat.send_custom_message(APP, body(), soon()).await.unwrap();

    assert_eq!(answer.errcode(), 0);
    let [_, refused, repeated] = &world.server.received(CUSTOM)[..] else { panic!("three are sent") };
    assert_eq!(refused.body, repeated.body);
    assert_ne!(refused.query("access_token"), repeated.query("access_token"));
}

#[tokio::test]
async fn a_token_refused_twice_is_nothing_that_a_caller_could_mend() {
    let world = World::start().await;
    for _ in 0..2 {
        world.fake.next_reply(CUSTOM, json(r#"{"errcode":40001,"errmsg":"invalid credential"}"#));
    }

    let error = world.wechat.send_custom_message(APP, Bytes::new(), soon()).await.unwrap_err();

    assert_no_secret(&all_words(&error));
    assert!(!error.is_unauthorised());
    let WeChatError::Refused(refusal) = error else { panic!("{error:?}") };
    assert_eq!((refusal.errcode, refusal.class()), (40001, Class::RefreshToken));
}

#[tokio::test]
async fn an_account_that_withdrew_its_authorisation_is_told_from_other_refusals() {
    for errcode in [61003, 61023] {
        let world = World::start().await;
        world.fake.next_reply(CUSTOM, json(&format!(r#"{{"errcode":{errcode},"errmsg":"no"}}"#)));

        let error = world.wechat.send_custom_message(APP, Bytes::new(), soon()).await.unwrap_err();

        assert!(error.is_unauthorised(), "{errcode}");
    }
}

#[tokio::test]
async fn the_picture_of_a_qr_code_has_an_address_with_its_ticket_encoded() {
    let world = World::start().await;
    let url = world.wechat.show_qrcode_url("gQ+INV/0001==");
    let base = world.server.base();
    assert_eq!(url.as_str(), format!("{base}cgi-bin/showqrcode?ticket=gQ%2BINV%2F0001%3D%3D"));
}
