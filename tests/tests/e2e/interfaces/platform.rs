//! An app that is called through a third-party platform.

use std::time::{Duration, Instant};

use serde_json::{Value, json};
use wxgate_sandbox::{
    APP_ID, APP_SECRET, CARD_ID, COMPONENT_APP_ID, Component, ComponentChange, MEMBER_CARD_ID, NewMedia,
    PushFilter, Receipts, Sample, Setting,
};
use wxgate_tests::{CLIENT, Gateway, Pairing, Plan, SECRET, look_at, template, visit};

use super::receipts::receipts;
use super::{asked, data, taken, text, ticket};
use crate::support::TOKENS_ARE_OLD;

crate::on_both_pairings!(
    every_interface_works_through_a_platform_until_the_app_withdraws,
    a_refresh_token_that_was_replaced_survives_the_end_of_all_processes,
);

/// A gateway whose app is on a platform that it has not authorised. WeChat takes no refresh token twice.
async fn on_a_platform(pairing: Pairing) -> Gateway {
    let grants = "get_drawboard_data,get_wxcard_drawboard_data";
    let gateway = Plan::new(pairing).client("--allow", grants).start().await;
    put_on_a_platform(&gateway).await;
    gateway
}

/// Puts the app on a platform, which it has not authorised then.
pub(super) async fn put_on_a_platform(gateway: &Gateway) -> Component {
    let addresses = format!("{}/wx_service", gateway.caller.base);
    let change = ComponentChange {
        event_url: Setting::Set(format!("{addresses}/component/{COMPONENT_APP_ID}")),
        message_url: Setting::Set(format!("{addresses}/event/$APPID$")),
        refresh_grace_s: Setting::Set(0),
        ..ComponentChange::default()
    };
    let platform = gateway.wechat.change_component(COMPONENT_APP_ID, change).unwrap();
    gateway.run(&[
        "component",
        "add",
        "--component-appid",
        COMPONENT_APP_ID,
        "--secret",
        &platform.secret,
        "--token",
        &platform.token,
        "--aes-key",
        &platform.aes_key,
    ]);
    gateway.run(&["app", "set", "--app-id", APP_ID, "--component-appid", COMPONENT_APP_ID]);
    becomes(gateway, 114).await;
    platform
}

/// Waits until the app is authorised, or no longer so, for whoever asks: one interface asks WeChat, which knows
/// at once, the other only us.
async fn becomes(gateway: &Gateway, retcode: i64) {
    let began = Instant::now();
    loop {
        let answer = gateway.caller.call("get_card_info", &[("card_id", CARD_ID)]).await;
        let unasked = gateway.caller.call("get_user_data", &[("key", "unknown")]).await;
        if answer.retcode == retcode && (unasked.retcode == 114) == (retcode == 114) {
            return;
        }
        assert!(began.elapsed() < Duration::from_secs(5), "still {answer:?}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// The app's administrator goes through WeChat's page. Answers the ticket that this took.
pub(super) async fn authorise(gateway: &Gateway) -> String {
    let (ticket, push) = gateway.wechat.push_ticket(COMPONENT_APP_ID).unwrap();
    assert!(gateway.wechat.push_ended(push.unwrap()).await.unwrap().was_taken());
    let home = format!("{}/authorised", gateway.receiver.url);
    let page = ["component", "authorize", "--component-appid", COMPONENT_APP_ID, "--redirect-uri", &home];
    let page = visit(text(&gateway.run(&page), "url")).await;
    let end = visit(&page.link(APP_ID)).await;
    assert!(end.url.starts_with(&home) && end.param("auth_code").is_some(), "{end:?}");
    becomes(gateway, 200).await;
    ticket
}

pub(super) fn refresh_token(gateway: &Gateway) -> String {
    gateway.wechat.authorized(COMPONENT_APP_ID).unwrap().remove(0).refresh_token
}

async fn every_interface_works_through_a_platform_until_the_app_withdraws(pairing: Pairing) {
    let gateway = on_a_platform(pairing).await;
    authorise(&gateway).await;

    a_user_logs_in(&gateway).await;
    a_send_waits_for_its_receipt(&gateway).await;
    let requests = requests(&gateway).await;
    for (interface, params) in &requests {
        let answer = gateway.caller.call(interface, &borrowed(params)).await;
        // The voice message of the request before may still be being converted.
        if *interface == "check_upyun_status" && answer.retcode == 202 {
            continue;
        }
        let told = data(answer);
        assert!(told.get("errcode").is_none_or(|errcode| *errcode == 0), "{interface}: {told}");
    }

    let push = gateway.wechat.unauthorize(COMPONENT_APP_ID, APP_ID).unwrap().unwrap();
    assert!(gateway.wechat.push_ended(push).await.unwrap().was_taken());
    becomes(&gateway, 114).await;
    for (interface, params) in &requests {
        let answer = gateway.caller.call(interface, &borrowed(params)).await;
        assert_eq!((answer.status, answer.retcode, &answer.data), (200, 114, &Value::Null), "{interface}");
    }

    authorise(&gateway).await;
    gateway.end().await;
}

/// Through the platform, and with its tokens.
async fn a_user_logs_in(gateway: &Gateway) {
    let home = format!("{}/home", gateway.receiver.url);
    let params = [("redirect_uri", home.as_str()), ("oauth_type", "oauth_snsapi_userinfo")];
    let board = asked(&gateway.caller, "set_drawboard_data", &params).await;
    let (key, redirect) = (text(&board, "key"), text(&board, "redirect"));
    assert_eq!((&board["app_id"], &board["component_appid"]), (&json!(APP_ID), &json!(COMPONENT_APP_ID)));
    let end = format!("&state={key}&component_appid={COMPONENT_APP_ID}#wechat_redirect");
    assert!(redirect.ends_with(&end), "{redirect}");

    let back = look_at(&visit(redirect).await.link("allow")).await.leads_to.unwrap();
    assert_eq!(visit(&back).await.url, format!("{home}?key={key}"));

    let user = asked(&gateway.caller, "get_user_data", &[("key", key)]).await;
    assert_eq!((text(&user, "openid"), text(&user, "sex")), ("oSandboxUser01", "0"));
    let told = asked(&gateway.caller, "get_drawboard_data", &[("key", key)]).await;
    let [authorizer, component] =
        ["authorizer_access_token", "component_access_token"].map(|name| text(&told, name));
    let documented = json!({ "client_code": CLIENT, "client_secret": SECRET, "app_id": APP_ID,
        "component_appid": COMPONENT_APP_ID, "app_sec": APP_SECRET, "is_third": 1, "access_token": "",
        "authorizer_access_token": authorizer, "component_access_token": component });
    assert_eq!(told, documented);
    assert!(ticket(gateway, authorizer, "jsapi").await.is_some() && !component.is_empty());
}

async fn a_send_waits_for_its_receipt(gateway: &Gateway) {
    receipts(gateway, Receipts::default());
    let id = gateway.caller.message("oSandboxUser01", &[("receipt", "1")]).await;
    let status = gateway.caller.finished(id).await;
    assert_eq!((&status["state"], &status["result"]["delivery"]), (&json!("succeeded"), &json!("success")));
}

pub(super) type Request = (&'static str, Vec<(&'static str, String)>);

pub(super) fn borrowed<'p>(params: &'p [(&'static str, String)]) -> Vec<(&'p str, &'p str)> {
    params.iter().map(|(name, value)| (*name, value.as_str())).collect()
}

/// A good request of each interface of the document, in its order.
pub(super) async fn requests(gateway: &Gateway) -> Vec<Request> {
    let page = [
        ("redirect_uri", "www.verystar.cn"),
        ("redirect_uri_name", "费芮互动"),
        ("main_color", "red"),
        ("show_btn", "1"),
    ];
    let login = [("redirect_uri", "www.verystar.cn"), ("oauth_type", "oauth_snsapi_base")];
    let link = [("out_id", "1"), ("url", "www.verystar.cn")];
    let offer = [("card_id", CARD_ID), ("outer_id", "1")];
    let take = [&page[..], &offer[..1]].concat();
    let key = asked(&gateway.caller, "set_drawboard_data_test", &login).await["key"].clone();
    let page_key = asked(&gateway.caller, "set_wxcard_code_drawboard_data", &take).await["key"].clone();
    let url = asked(&gateway.caller, "generate_tiny_url", &link).await;
    let key = [("key", key.as_str().unwrap())];
    let page_key = [("key", page_key.as_str().unwrap())];
    let digits = [("url_val", url.as_str().unwrap().rsplit('/').next().unwrap())];

    let cards = [taken(&gateway.wechat, CARD_ID), taken(&gateway.wechat, CARD_ID)];
    let [consumed, abrogated] = &cards;
    let member = taken(&gateway.wechat, MEMBER_CARD_ID);
    let code = |code| [("code", code), ("card_id", CARD_ID)];
    let member_code = [("code", member.code.as_str()), ("card_id", MEMBER_CARD_ID)];
    let image = gateway.wechat.put_media(NewMedia::sample(Sample::Image)).unwrap().media_id;
    let voice = converted(gateway).await;
    let notify_url = gateway.callback_url();
    let message = template("oSandboxUser02");
    let qr = [("scene_id", "1"), ("qrcode_type", "QR_SCENE"), ("expire_seconds", "60")];
    let text = r#"{"touser":"oSandboxUser01","msgtype":"text","text":{"content":"您好"}}"#;
    let request = |interface, params: &[&[(&'static str, &str)]]| {
        let params = params.concat();
        (interface, params.into_iter().map(|(name, value)| (name, value.to_owned())).collect())
    };
    vec![
        request("set_drawboard_data", &[&login]),
        request("get_drawboard_data", &[&key]),
        request("set_user_data", &[&key, &[("user_data", "{}")]]),
        request("get_user_data", &[&key]),
        request("set_wxcard_code_drawboard_data", &[&take]),
        request("set_wxcard_drawboard_data", &[&page, &code(&consumed.code)]),
        request("get_wxcard_drawboard_data", &[&page_key]),
        request("set_drawboard_data_test", &[&login]),
        request("async_send_tpl", &[&[("tpl_data", &message)]]),
        request("consume_card_code", &[&code(&consumed.code)]),
        request("abrogate_card_code", &[&code(&abrogated.code)]),
        request("decrypt_card_code", &[&[("encrypt_code", &consumed.encrypt_code)]]),
        request("membercard_active", &[&member_code, &[("membership_number", "1"), ("init_balance", "0")]]),
        request("membercard_update", &[&member_code, &[("add_bonus", "1")]]),
        request("get_card_list", &[&[("open_id", "oSandboxUser01"), ("card_id", "")]]),
        request("get_card_info", &[&offer[..1]]),
        request("generate_tiny_url", &[&link]),
        request("update_tiny_url", &[&digits, &link[1..]]),
        request("generate_qrcode", &[&qr]),
        request("generate_card_param", &[&offer]),
        request("download_media", &[&[("media_id", &image)]]),
        request("download_amr_to_mp3", &[&[("media_id", &voice), ("notify_url", &notify_url)]]),
        request("check_upyun_status", &[&[("media_id", &voice)]]),
        request("custom_msg_send", &[&[("msg_data", text)]]),
    ]
}

/// A voice message that was made an MP3.
async fn converted(gateway: &Gateway) -> String {
    let voice = gateway.wechat.put_media(NewMedia::sample(Sample::Voice)).unwrap().media_id;
    let params = [("media_id", voice.as_str()), ("notify_url", &gateway.callback_url())];
    asked(&gateway.caller, "download_amr_to_mp3", &params).await;
    let is_told = |post: &wxgate_tests::Post| post.uri.starts_with("/hook");
    let visits = gateway.receiver.posts().iter().filter(|post| !is_told(post)).count();
    let posts = gateway.receiver.wait_for(visits + 1).await;
    assert_eq!(posts.iter().find(|post| is_told(post)).unwrap().field("state"), "succeeded");
    voice
}

async fn a_refresh_token_that_was_replaced_survives_the_end_of_all_processes(pairing: Pairing) {
    let mut gateway = on_a_platform(pairing).await;
    authorise(&gateway).await;
    let first = refresh_token(&gateway);
    let authorised =
        gateway.wechat.pushes(&PushFilter { what: Some("authorized".to_owned()), ..PushFilter::default() });
    assert!(authorised.total == 1 && authorised.entries[0].was_taken(), "{authorised:?}");

    gateway.intakes[0].kill();
    gateway.restart_intake().await;
    if pairing == Pairing::Servers {
        gateway.workers[0].kill();
        gateway.restart_worker().await;
    }
    gateway.wechat.rotate_tokens(APP_ID).unwrap();
    gateway.database.execute(TOKENS_ARE_OLD).await;

    asked(&gateway.caller, "get_card_info", &[("card_id", CARD_ID)]).await;
    assert_ne!(refresh_token(&gateway), first, "the one before was used");
    let id = gateway.caller.message("oSandboxUser01", &[]).await;
    assert_eq!(gateway.caller.finished(id).await["state"], "succeeded");
    gateway.end().await;
}
