//! Springboards of card pages (3.5 to 3.7).

use serde_json::json;
use wxgate_store::Store as _;
use wxgate_store::model::springboard::{CardPage, Purpose};

use crate::fake_wechat::FakeWeChat;
use crate::request::{Request, SECRET};
use crate::support::TestGateway;

/// A page with every parameter that is required of both kinds.
fn page(interface: &'static str) -> Request {
    Request::to(interface)
        .with("client_code", "trusted")
        .with("redirect_uri", "www.verystar.cn")
        .with("redirect_uri_name", "费芮互动")
        .with("main_color", "red")
}

fn take_card() -> Request {
    page("set_wxcard_code_drawboard_data")
        .with("card_id", "pFS7Fjg8kV1IdDz01r4SQwMkuCKc")
        .with("show_btn", "1")
}

fn show_code() -> Request {
    page("set_wxcard_drawboard_data").with("code", "2331005")
}

#[tokio::test]
async fn a_card_page_is_found_under_its_key() {
    let gateway = TestGateway::start().await;
    for (request, path) in [(take_card(), "card_wxcode"), (show_code(), "card")] {
        let data = gateway.answered(&request).await;
        let key = data["key"].as_str().unwrap();
        let redirect = format!("https://gateway.example/wx_service/{path}?wx_card_key={key}");
        assert_eq!(data, json!({"key": key, "redirect": redirect}));
        assert_eq!(gateway.answered(&request).await, data);
    }
}

#[tokio::test]
async fn a_card_page_keeps_what_was_sent() {
    let gateway = TestGateway::start().await;
    let request = take_card().with("outer_id", 7).with("success_uri", "https://shop.example/done");
    let data = gateway.answered(&request).await;
    let board = gateway.store.springboard(data["key"].as_str().unwrap()).await.unwrap().unwrap();
    let page = CardPage {
        card_id: "pFS7Fjg8kV1IdDz01r4SQwMkuCKc".to_owned(),
        code: String::new(),
        redirect_uri: "www.verystar.cn".to_owned(),
        redirect_uri_name: "费芮互动".to_owned(),
        main_color: "red".to_owned(),
        show_btn: "1".to_owned(),
        outer_id: "7".to_owned(),
        success_uri: "https://shop.example/done".to_owned(),
    };
    assert_eq!(board.purpose, Purpose::TakeCard(page));
}

#[tokio::test]
async fn a_card_pages_values_are_looked_at() {
    let gateway = TestGateway::start().await;
    for (name, value, why) in [
        ("main_color", "red;}", "main_color: must be a colour's name"),
        ("redirect_uri", "javascript:alert(1)", "redirect_uri: must be an http or https address"),
        ("success_uri", "javascript:alert(1)", "success_uri: must be an http or https address"),
    ] {
        gateway.refused(&take_card().with(name, value), 400, why).await;
        gateway.refused(&show_code().with(name, value), 400, why).await;
    }
    gateway
        .refused(&show_code().with("code", "1".repeat(21)), 400, "code: is longer than 20 characters")
        .await;
    gateway.refused(&take_card().without("show_btn"), 102, "'show_btn'").await;
}

#[tokio::test]
async fn a_card_pages_data_comes_with_secrets_token_and_ticket() {
    let wechat = FakeWeChat::start().await;
    let gateway = TestGateway::start_against(&wechat).await;
    let request =
        show_code().with("show_btn", "false").with("outer_id", 1).with("success_uri", "www.verystar.cn");
    let data = gateway.answered(&request).await;
    let get = Request::to("get_wxcard_drawboard_data")
        .with("client_code", "trusted")
        .with("key", data["key"].as_str().unwrap());
    let documented = json!({
        "code": "2331005",
        "redirect_uri": "www.verystar.cn",
        "redirect_uri_name": "费芮互动",
        "main_color": "red",
        "show_btn": "false",
        "client_code": "trusted",
        "client_secret": SECRET,
        "app_id": "wx1",
        "component_appid": "",
        "app_sec": "app-secret",
        "is_third": 0,
        "access_token": "app-token",
        "authorizer_access_token": "",
        "component_access_token": "",
        "api_ticket": "card-ticket",
        "outer_id": "1",
        "success_uri": "www.verystar.cn",
    });
    assert_eq!(gateway.answered(&get).await, documented);
    assert_eq!(
        wechat.asked_once("/cgi-bin/ticket/getticket").url.query(),
        Some("access_token=app-token&type=wx_card")
    );
}

#[tokio::test]
async fn a_page_on_which_a_card_is_taken_has_a_card_and_no_code() {
    let wechat = FakeWeChat::start().await;
    let gateway = TestGateway::start_against(&wechat).await;
    let made = gateway.answered(&take_card()).await;
    let get = Request::to("get_wxcard_drawboard_data")
        .with("client_code", "trusted")
        .with("key", made["key"].as_str().unwrap());
    let data = gateway.answered(&get).await;
    assert_eq!((&data["code"], &data["card_id"]), (&json!(""), &json!("pFS7Fjg8kV1IdDz01r4SQwMkuCKc")));
}

#[tokio::test]
async fn a_key_is_read_by_the_interface_that_it_is_for() {
    let gateway = TestGateway::start().await;
    let login = Request::to("set_drawboard_data").with("redirect_uri", "www.verystar.cn");
    let login = login.with("client_code", "trusted").with("oauth_type", "oauth_snsapi_base");
    let login = gateway.answered(&login).await;
    let card = gateway.answered(&show_code()).await;
    let get = |interface, data: &serde_json::Value| {
        Request::to(interface).with("client_code", "trusted").with("key", data["key"].as_str().unwrap())
    };
    gateway.refused(&get("get_wxcard_drawboard_data", &login), 404, "no such key").await;
    gateway.refused(&get("get_drawboard_data", &card), 404, "no such key").await;
    gateway.refused(&get("get_user_data", &card), 404, "no such key").await;
    let others = get("get_wxcard_drawboard_data", &card).with("client_code", "other-trusted");
    gateway.refused(&others, 404, "no such key").await;
}
