//! Kinds of card: made, spread, tested, stocked, chosen from.

use serde_json::{Value, json};
use wxgate_wechat::signature;

use crate::fake_wechat::{FakeWeChat, Reply};
use crate::request::Request;
use crate::support::TestGateway;

const CREATE: &str = "/card/create";
const OK: &str = r#"{"errcode":0 ,"errmsg":"ok"}"#;
const CARD: &str = "phbyS59Wb6pEPy1beypcr9G-I2F8";

/// The sample of WeChat's document.
const SAMPLE: &str = include_str!("../../../cli/src/card/hello/sample.json");

/// What WeChat is asked; its answer comes back byte for byte.
async fn handed_on(request: &Request, path: &str) -> Value {
    let wechat = FakeWeChat::that_says(path, OK).await;
    let gateway = TestGateway::start_against(&wechat).await;
    let body = gateway.send(&request.post()).await.body;
    assert_eq!(body, format!(r#"{{"retcode":200,"data":{OK},"msg":""}}"#));
    wechat.asked_once(path).json()
}

#[tokio::test]
async fn the_documents_sample_card_is_made_byte_for_byte_and_once() {
    let answer = r#"{"errcode":0, "errmsg":"ok","card_id":"phbyS52rzM9gCz5cV7YmaQdcaCgc"}"#;
    let wechat = FakeWeChat::that_says(CREATE, answer).await;
    let gateway = TestGateway::start_against(&wechat).await;
    let request = Request::to("create_card").with("card_data", SAMPLE);
    for _ in 0..2 {
        let body = gateway.send(&request.post()).await.body;
        assert_eq!(body, format!(r#"{{"retcode":200,"data":{answer},"msg":""}}"#));
    }
    assert_eq!(wechat.asked_once(CREATE).body, SAMPLE);
}

#[tokio::test]
async fn a_card_that_wechat_would_certainly_refuse_is_refused_here_by_its_field() {
    let gateway = TestGateway::start().await;
    let card = |from: &str, to: &str| Request::to("create_card").with("card_data", SAMPLE.replace(from, to));
    for (request, why) in [
        (card("GROUPON", "PIZZA"), "card_data: card.card_type must be one of GROUPON"),
        (card("\"title\"", "\"titel\""), "card_data: card.groupon.base_info.title is missing"),
        (card("周末狂欢必备", &"周".repeat(19)), "base_info.sub_title is longer than 54 bytes"),
        (card("deal_detail", "deal"), "card.groupon.deal_detail is missing"),
        (Request::to("create_card").with("card_data", "{"), "card_data: the card is not JSON"),
    ] {
        gateway.refused(&request, 400, why).await;
    }
}

#[tokio::test]
async fn a_card_that_may_have_been_made_is_not_made_again() {
    let wechat = FakeWeChat::start().await;
    wechat.replies(CREATE, Reply::Breaks);
    let gateway = TestGateway::start_against(&wechat).await;
    let request = Request::to("create_card").with("card_data", SAMPLE);
    gateway.refused(&request, 504, "it is not repeated").await;
    wechat.says(CREATE, OK);
    gateway.refused(&request, 504, "it is not repeated").await;
    wechat.asked_once(CREATE);
}

#[tokio::test]
async fn a_qr_code_is_for_one_card_or_several() {
    let path = "/card/qrcode/create";
    let one = Request::to("create_card_qrcode").with("action_name", "QR_CARD").with("card_id", CARD);
    let asked = handed_on(&one, path).await;
    let card = json!({"card_id": CARD, "is_unique_code": false});
    assert_eq!(asked, json!({"action_name": "QR_CARD", "action_info": {"card": card}}));

    let all = one.with("code", "110201201245").with("openid", "oUser").with("is_unique_code", 1);
    let asked = handed_on(&all.with("outer_str", "shop-7").with("expire_seconds", 1800), path).await;
    let card = json!({"card_id": CARD, "code": "110201201245", "openid": "oUser", "is_unique_code": true, "outer_str": "shop-7"});
    assert_eq!(
        asked,
        json!({"action_name": "QR_CARD", "expire_seconds": 1800, "action_info": {"card": card}})
    );

    let list = json!([{"card_id": "p1", "code": "1", "outer_str": "a"}, {"card_id": "p2"}]);
    let several = Request::to("create_card_qrcode").with("action_name", "QR_MULTIPLE_CARD");
    let asked = handed_on(&several.with("card_list", &list), path).await;
    let info = json!({"multiple_card": {"card_list": list}});
    assert_eq!(asked, json!({"action_name": "QR_MULTIPLE_CARD", "action_info": info}));
}

#[tokio::test]
async fn a_qr_code_that_cannot_be_is_refused() {
    let gateway = TestGateway::start().await;
    let of = |action: &str| Request::to("create_card_qrcode").with("action_name", action);
    let one = of("QR_CARD").with("card_id", CARD);
    for (request, retcode, why) in [
        (of("QR_SCENE"), 400, "action_name: must be QR_CARD"),
        (of("QR_CARD"), 102, "'card_id'"),
        (of("QR_MULTIPLE_CARD"), 102, "'card_list'"),
        (of("QR_MULTIPLE_CARD").with("card_list", "[]"), 400, "card_list: must be a JSON array of objects"),
        (of("QR_MULTIPLE_CARD").with("card_list", "[1]"), 400, "card_list: must be"),
        (one.clone().with("expire_seconds", 59), 400, "expire_seconds: must be 60 to 1800"),
        (one.clone().with("expire_seconds", 1801), 400, "expire_seconds: must be 60 to 1800"),
        (one.clone().with("code", "1".repeat(21)), 400, "code: is longer"),
        (one.with("is_unique_code", "yes"), 400, "is_unique_code: must be 0 or 1"),
    ] {
        gateway.refused(&request, retcode, why).await;
    }
}

fn landing_page() -> Request {
    let list = json!([{"card_id": CARD, "thumb_url": "http://mmbiz.qpic.cn/a/0"}]);
    let request = Request::to("create_landing_page").with("banner", "http://mmbiz.qpic.cn/b/0");
    request
        .with("page_title", "惠城优惠")
        .with("can_share", 1)
        .with("scene", "SCENE_H5")
        .with("card_list", list)
}

#[tokio::test]
async fn a_page_offers_cards() {
    let asked = handed_on(&landing_page(), "/card/landingpage/create").await;
    let list = json!([{"card_id": CARD, "thumb_url": "http://mmbiz.qpic.cn/a/0"}]);
    let page = json!({"banner": "http://mmbiz.qpic.cn/b/0", "page_title": "惠城优惠", "can_share": true, "scene": "SCENE_H5", "card_list": list});
    assert_eq!(asked, page);
    let bare = handed_on(&landing_page().with("banner", "www.x.cn/b.jpg"), "/card/landingpage/create").await;
    assert_eq!(bare["banner"], "http://www.x.cn/b.jpg");
    let gateway = TestGateway::start().await;
    for (name, value, why) in [
        ("scene", "SCENE_MOON", "scene: must be one of SCENE_NEAR_BY"),
        ("banner", "javascript:alert(1)", "banner: must be an http"),
        ("can_share", "true", "can_share: must be 0 or 1"),
        ("card_list", "{}", "card_list: is not a JSON array"),
        ("card_list", r#"[{"card_id":"p1"}]"#, "card_list: entry 1 has no card_id or no thumb_url"),
    ] {
        gateway.refused(&landing_page().with(name, value), 400, why).await;
    }
}

#[tokio::test]
async fn an_article_offers_a_card() {
    let request = Request::to("get_mpnews_html").with("card_id", CARD);
    assert_eq!(handed_on(&request, "/card/mpnews/gethtml").await, json!({"card_id": CARD}));
}

#[tokio::test]
async fn testers_are_named_all_at_once_ten_at_most() {
    let path = "/card/testwhitelist/set";
    let request = || Request::to("set_test_whitelist");
    let both = request().with("openid", r#"["o1","o2"]"#).with("username", r#"["w1"]"#);
    assert_eq!(handed_on(&both, path).await, json!({"openid": ["o1", "o2"], "username": ["w1"]}));
    let nobody = request().with("openid", "[]");
    assert_eq!(handed_on(&nobody, path).await, json!({"openid": []}));
    let by_name = request().with("username", r#"["w1"]"#);
    assert_eq!(handed_on(&by_name, path).await, json!({"username": ["w1"]}));
    let ten = json!(vec!["o"; 10]);
    handed_on(&request().with("openid", &ten), path).await;

    let gateway = TestGateway::start().await;
    let eleven = request().with("openid", &ten).with("username", r#"["w"]"#);
    gateway.refused(&eleven, 400, "more than 10 testers together").await;
    gateway.refused(&request(), 102, "'openid or username'").await;
    for wrong in ["o1", "[1]", r#"[" "]"#] {
        gateway.refused(&request().with("openid", wrong), 400, "openid: must be a JSON array").await;
    }
}

#[tokio::test]
async fn a_stock_is_raised_or_lowered_and_never_twice() {
    let path = "/card/modifystock";
    let request = || Request::to("modify_card_stock").with("card_id", CARD);
    let asked = handed_on(&request().with("increase_stock_value", 1231), path).await;
    assert_eq!(asked, json!({"card_id": CARD, "increase_stock_value": 1231}));
    let asked = handed_on(&request().with("reduce_stock_value", 7), path).await;
    assert_eq!(asked, json!({"card_id": CARD, "reduce_stock_value": 7}));

    let gateway = TestGateway::start().await;
    gateway.refused(&request(), 102, "'increase_stock_value'").await;
    for amount in ["0", "-1", "100000001", "many"] {
        gateway.refused(&request().with("increase_stock_value", amount), 400, "whole number from 1").await;
    }
    let both = request().with("increase_stock_value", 1).with("reduce_stock_value", 1);
    gateway.refused(&both, 400, "reduce_stock_value: cannot be given").await;

    let wechat = FakeWeChat::start().await;
    wechat.replies(path, Reply::Breaks);
    let gateway = TestGateway::start_against(&wechat).await;
    gateway.refused(&request().with("increase_stock_value", 1), 504, "it is not repeated").await;
}

#[tokio::test]
async fn choosing_a_card_is_signed_as_wechat_checks_it() {
    let wechat = FakeWeChat::start().await;
    let gateway = TestGateway::start_against(&wechat).await;
    let any = Request::to("choose_card_param");
    let one = any.clone().with("location_id", "271262077").with("card_id", CARD).with("card_type", "GROUPON");
    for (request, [location_id, card_id, card_type]) in
        [(any, ["", "", ""]), (one, ["271262077", CARD, "GROUPON"])]
    {
        let data = gateway.answered(&request).await;
        let of = |name: &str| data[name].as_str().unwrap();
        let names: Vec<&String> = data.as_object().unwrap().keys().collect();
        assert_eq!(names, ["shopId", "cardType", "cardId", "timestamp", "nonceStr", "signType", "cardSign"]);
        assert_eq!(
            [of("shopId"), of("cardId"), of("cardType"), of("signType")],
            [location_id, card_id, card_type, "SHA1"]
        );
        let (timestamp, nonce_str) = (of("timestamp"), of("nonceStr"));
        let signed =
            signature::ChooseCard { app_id: "wx1", location_id, timestamp, nonce_str, card_id, card_type };
        assert_eq!(of("cardSign"), signed.sign("card-ticket"));
        assert_eq!(gateway.answered(&request).await, data);
    }
}
