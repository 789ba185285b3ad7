//! Cards: created, taken by users, consumed once.

use serde_json::{Value, json};
use sha1::{Digest, Sha1};
use wxgate_sandbox::{
    APP_ID, AppChange, CARD_ID, CardChoice, CardGiven, CardReceipt, CardStatus, Refused, UserCardStatus,
};

use crate::play::Play;

/// A card as the user's own sample has it, with what a test changes.
fn card(changes: &Value) -> Value {
    let mut card = json!({"card": {"card_type": "GROUPON", "groupon": {
        "base_info": {
            "logo_url": "http://mmbiz.qpic.cn/mmbiz_jpg/AXfRBdrRUlN6/0", "brand_name": "微信餐厅2",
            "code_type": "CODE_TYPE_TEXT", "title": "132元双人火锅套餐", "sub_title": "周末狂欢必备",
            "color": "Color010", "notice": "使用时向服务员出示此券", "service_phone": "020-88888888",
            "description": "不可与其他优惠同享", "sku": {"quantity": 2}, "get_limit": 3,
            "date_info": {"type": "DATE_TYPE_FIX_TERM", "fixed_term": 15, "fixed_begin_term": 0},
            "location_id_list": [123, 12321], "custom_url_name": "立即使用", "custom_url": "http://www.qq.com",
            "custom_url_sub_title": "6个汉字tips"},
        "deal_detail": "以下锅底2选1"}}});
    let base = card["card"]["groupon"]["base_info"].as_object_mut().unwrap();
    base.extend(changes.as_object().unwrap().clone());
    card
}

impl Play {
    async fn create(&self, token: &str, changes: &Value) -> String {
        let created = self.call("/card/create", token, &card(changes)).await.json();
        created["card_id"].as_str().unwrap_or_else(|| panic!("{created}")).to_owned()
    }

    pub fn take(&self, card_id: &str) -> Result<CardGiven, Refused> {
        self.control().receive_card(&CardReceipt { card_id: card_id.to_owned(), ..CardReceipt::default() })
    }

    async fn errcode_of(&self, path: &str, token: &str, body: Value) -> i64 {
        self.call(path, token, &body).await.errcode()
    }
}

/// WeChat's signature, as a page makes it.
fn sign(values: &[&str]) -> String {
    let mut values: Vec<&str> = values.iter().copied().filter(|value| !value.is_empty()).collect();
    values.sort_unstable();
    hex::encode(Sha1::digest(values.concat()))
}

#[tokio::test]
async fn a_card_is_told_as_it_was_created_with_stock_and_colour() {
    let play = Play::start();
    let token = play.token().await;
    let card_id = play.create(&token, &json!({})).await;
    play.take(&card_id).unwrap();

    let told = play.call("/card/get", &token, &json!({"card_id": card_id})).await.json();
    let base = &told["card"]["groupon"]["base_info"];
    assert_eq!(
        (&told["card"]["card_type"], &told["card"]["groupon"]["deal_detail"]),
        (&json!("GROUPON"), &json!("以下锅底2选1"))
    );
    assert_eq!((&base["id"], &base["status"]), (&json!(card_id), &json!("CARD_STATUS_VERIFY_OK")));
    assert_eq!(
        (&base["sku"], &base["color"]),
        (&json!({"quantity": 1, "total_quantity": 2}), &json!("#63b359"))
    );
    assert_eq!((&base["location_id_list"], &base["can_share"]), (&json!([123, 12321]), &json!(true)));
    assert_eq!(play.errcode_of("/card/get", &token, json!({"card_id": "pNone"})).await, 40073);
    assert_eq!(play.errcode_of("/card/get", &token, json!({})).await, 41012);
}

#[tokio::test]
async fn a_new_card_waits_for_review_where_the_app_is_set_so() {
    let play = Play::start();
    let token = play.token().await;
    play.change(AppChange { approves_cards: Some(false), ..AppChange::default() });
    let card_id = play.create(&token, &json!({})).await;
    let qr = json!({"action_name": "QR_CARD", "action_info": {"card": {"card_id": card_id}}});
    assert!(play.take(&card_id).is_err());
    assert_eq!(play.errcode_of("/card/qrcode/create", &token, qr.clone()).await, 40107);

    let testers = json!({"openid": ["oSandboxUser01"], "username": ["tester"]});
    assert_eq!(play.errcode_of("/card/testwhitelist/set", &token, testers).await, 0);
    play.take(&card_id).unwrap();
    assert_eq!(play.errcode_of("/card/testwhitelist/set", &token, json!({})).await, 0);
    assert!(play.take(&card_id).is_err());

    let review = json!({"card_id": card_id, "status": "CARD_STATUS_VERIFY_OK"});
    assert_eq!(play.order("/cards/review", &review).await.status, 200);
    assert_eq!(play.errcode_of("/card/qrcode/create", &token, qr).await, 0);
    play.take(&card_id).unwrap();
}

#[tokio::test]
async fn the_list_of_testers_is_ten_at_most() {
    let play = Play::start();
    let token = play.token().await;
    let openids: Vec<String> = (1..=6).map(|number| format!("oSandboxUser{number:02}")).collect();
    let usernames = ["a", "b", "c", "d", "e"];
    let too_many = json!({"openid": openids, "username": usernames});
    assert_eq!(play.errcode_of("/card/testwhitelist/set", &token, too_many).await, 40032);
    let stranger = json!({"openid": ["oNobody"]});
    assert_eq!(play.errcode_of("/card/testwhitelist/set", &token, stranger).await, 40031);
}

#[tokio::test]
async fn stock_and_limit_bound_what_a_user_may_take() {
    let play = Play::start();
    let token = play.token().await;
    let card_id = play.create(&token, &json!({"get_limit": 3})).await;
    assert_ne!(play.take(&card_id).unwrap().code, play.take(&card_id).unwrap().code);
    assert!(play.take(&card_id).unwrap_err().to_string().contains("45031"));

    let raise = |by: i64| json!({"card_id": card_id, "increase_stock_value": by});
    assert_eq!(play.errcode_of("/card/modifystock", &token, raise(5)).await, 0);
    play.take(&card_id).unwrap();
    assert!(play.take(&card_id).unwrap_err().to_string().contains("45033"));
    let shown = play.control().cards(Some(APP_ID)).into_iter().find(|card| card.card_id == card_id).unwrap();
    assert_eq!((shown.quantity, shown.total_quantity, shown.taken), (4, 7, 3));

    let reduce = |by: i64| json!({"card_id": card_id, "reduce_stock_value": by});
    assert_eq!(play.errcode_of("/card/modifystock", &token, reduce(5)).await, 40122);
    assert_eq!(play.errcode_of("/card/modifystock", &token, reduce(4)).await, 0);
    assert_eq!(play.errcode_of("/card/modifystock", &token, raise(100_000_000)).await, 45041);
    assert_eq!(play.errcode_of("/card/modifystock", &token, json!({"card_id": card_id})).await, 40122);
}

#[tokio::test]
async fn a_code_is_consumed_once() {
    let play = Play::start();
    let token = play.token().await;
    let given = play.take(CARD_ID).unwrap();
    let decrypted =
        play.call("/card/code/decrypt", &token, &json!({"encrypt_code": given.encrypt_code})).await;
    assert_eq!(decrypted.json(), json!({"errcode": 0, "errmsg": "ok", "code": given.code}));

    let told = play.call("/card/code/get", &token, &json!({"code": given.code})).await.json();
    assert_eq!((&told["can_consume"], &told["user_card_status"]), (&json!(true), &json!("NORMAL")));
    assert_eq!((&told["openid"], &told["card"]["card_id"]), (&json!("oSandboxUser01"), &json!(CARD_ID)));
    let consumed = play.call("/card/code/consume", &token, &json!({"code": given.code})).await.json();
    let expected =
        json!({"errcode": 0, "errmsg": "ok", "card": {"card_id": CARD_ID}, "openid": "oSandboxUser01"});
    assert_eq!(consumed, expected);

    assert_eq!(play.errcode_of("/card/code/consume", &token, json!({"code": given.code})).await, 40099);
    let refused = play.call("/card/code/get", &token, &json!({"code": given.code})).await;
    assert_eq!((refused.errcode(), &refused.json()["_code"]), (40099, &json!(given.code)));
    let looked_at = json!({"code": given.code, "check_consume": false});
    let told = play.call("/card/code/get", &token, &looked_at).await.json();
    assert_eq!((&told["can_consume"], &told["user_card_status"]), (&json!(false), &json!("CONSUMED")));
}

#[tokio::test]
async fn of_many_at_once_one_consumes_the_code() {
    let play = Play::start();
    let token = play.token().await;
    let body = json!({"code": play.take(CARD_ID).unwrap().code});
    let calls = (0..20).map(|_| play.call("/card/code/consume", &token, &body));
    let answers = futures_util::future::join_all(calls).await;
    assert_eq!(answers.iter().filter(|answer| answer.errcode() == 0).count(), 1);
}

#[tokio::test]
async fn each_standing_of_a_copy_has_its_errcode() {
    let play = Play::start();
    let token = play.token().await;
    for status in [UserCardStatus::Gifting, UserCardStatus::GiftTimeout, UserCardStatus::Delete] {
        let code = play.take(CARD_ID).unwrap().code;
        play.control().set_card_status(APP_ID, CARD_ID, &code, status).unwrap();
        assert_eq!(play.errcode_of("/card/code/consume", &token, json!({"code": code})).await, 40127);
    }
    let code = play.take(CARD_ID).unwrap().code;
    let disable = json!({"code": code, "reason": "test"});
    assert_eq!(play.errcode_of("/card/code/unavailable", &token, disable).await, 0);
    assert_eq!(play.errcode_of("/card/code/consume", &token, json!({"code": code})).await, 40127);

    let later = play
        .create(
            &token,
            &json!({"date_info": {"type": "DATE_TYPE_FIX_TERM", "fixed_term": 1,
        "fixed_begin_term": 1}}),
        )
        .await;
    let code = json!({"code": play.take(&later).unwrap().code});
    assert_eq!(play.errcode_of("/card/code/consume", &token, code.clone()).await, 40147);
    play.pass_s(2 * 86_400);
    assert_eq!(play.errcode_of("/card/code/consume", &play.token().await, code).await, 40127);
}

#[tokio::test]
async fn an_encrypted_code_is_this_apps_and_unescaped() {
    let play = Play::start();
    let token = play.token().await;
    let given = play.take(CARD_ID).unwrap();
    for wrong in ["", "AAAA", "no base64"] {
        assert_eq!(
            play.errcode_of("/card/code/decrypt", &token, json!({"encrypt_code": wrong})).await,
            40075
        );
    }
    // WeChat answers success with bytes that are no text.
    let escaped = format!("{}%3D", given.encrypt_code);
    let garbage = play.call("/card/code/decrypt", &token, &json!({"encrypt_code": escaped})).await;
    assert!(garbage.body.starts_with(b"{\"errcode\":0") && String::from_utf8(garbage.body).is_err());
}

#[tokio::test]
async fn a_users_cards_are_listed_until_they_are_used() {
    let play = Play::start();
    let token = play.token().await;
    let (one, other) = (play.take(CARD_ID).unwrap(), play.take(CARD_ID).unwrap());
    assert_eq!(play.errcode_of("/card/code/consume", &token, json!({"code": one.code})).await, 0);

    let of_user = json!({"openid": "oSandboxUser01", "card_id": CARD_ID});
    let list = play.call("/card/user/getcardlist", &token, &of_user).await.json();
    assert_eq!(list["card_list"], json!([{"code": other.code, "card_id": CARD_ID}]));
    let strangers = json!({"openid": "oNobody"});
    assert_eq!(play.errcode_of("/card/user/getcardlist", &token, strangers).await, 40003);
}

#[tokio::test]
async fn a_page_has_to_sign_the_card_it_gives() {
    let play = Play::start();
    let ticket =
        play.ticket(&play.token().await, "wx_card").await.json()["ticket"].as_str().unwrap().to_owned();
    let take = |openid: &str, nonce: &str, signature: String| {
        let ext = json!({"code": "", "openid": openid, "timestamp": "1700000000", "nonce_str": nonce,
            "outer_str": "shop-7", "signature": signature});
        let card_ext = Some(ext.to_string());
        let card_id = CARD_ID.to_owned();
        play.control().receive_card(&CardReceipt { card_id, card_ext, ..CardReceipt::default() })
    };
    let signed = |openid: &str, nonce: &str| sign(&[&ticket, "1700000000", CARD_ID, openid, nonce]);

    let given = take("", "n1", signed("", "n1")).unwrap();
    let told = play.call("/card/code/get", &play.token().await, &json!({"code": given.code})).await.json();
    assert_eq!(told["outer_str"], "shop-7");
    assert!(take("", "n2", signed("", "n3")).unwrap_err().to_string().contains("signature"));
    assert!(take("", "n1", signed("", "n1")).unwrap_err().to_string().contains("used before"));
    assert!(take("oSandboxUser02", "n4", signed("oSandboxUser02", "n4")).is_err());
    assert!(take("oSandboxUser01", "n5", signed("oSandboxUser01", "n5")).is_ok());
}

#[tokio::test]
async fn a_user_chooses_among_his_own_cards_on_a_signed_page() {
    let play = Play::start();
    let ticket =
        play.ticket(&play.token().await, "wx_card").await.json()["ticket"].as_str().unwrap().to_owned();
    let given = play.take(CARD_ID).unwrap();
    let choice = |card_type: &str, card_sign: String| CardChoice {
        card_type: card_type.to_owned(),
        timestamp: "1700000000".to_owned(),
        nonce_str: "n".to_owned(),
        card_sign,
        ..CardChoice::default()
    };
    let signed = |card_type: &str| sign(&[&ticket, APP_ID, "1700000000", "n", card_type]);

    let chosen = play.control().choose_card(&choice("GIFT", signed("GIFT"))).unwrap();
    assert_eq!((chosen.len(), &chosen[0].code), (1, &given.code));
    assert!(play.control().choose_card(&choice("CASH", signed("CASH"))).unwrap().is_empty());
    assert!(play.control().choose_card(&choice("CASH", signed("GIFT"))).is_err());
}

#[tokio::test]
async fn deposited_codes_are_given_out_in_order_once_there_is_stock() {
    let play = Play::start();
    let token = play.token().await;
    let card_id = play
        .create(
            &token,
            &json!({"use_custom_code": true, "sku": {"quantity": 0},
            "get_custom_code_mode": "GET_CUSTOM_CODE_MODE_DEPOSIT"}),
        )
        .await;
    let codes = |codes: &[&str]| json!({"card_id": card_id, "code": codes});
    let deposit = play.call("/card/code/deposit", &token, &codes(&["11111", "22222"])).await.json();
    assert_eq!((&deposit["succ_code"], &deposit["duplicate_code"]), (&json!(["11111", "22222"]), &json!([])));
    let long = "9".repeat(21);
    let again = play.call("/card/code/deposit", &token, &codes(&["22222", "33333", &long])).await.json();
    assert_eq!(
        (&again["succ_code"], &again["duplicate_code"], &again["fail_code"]),
        (&json!(["33333"]), &json!(["22222"]), &json!([long]))
    );

    let count = play.call("/card/code/getdepositcount", &token, &json!({"card_id": card_id})).await.json();
    assert_eq!(count["count"], 3);
    let check = play.call("/card/code/checkcode", &token, &codes(&["11111", "44444"])).await.json();
    assert_eq!((&check["exist_code"], &check["not_exist_code"]), (&json!(["11111"]), &json!(["44444"])));
    assert!(play.take(&card_id).is_err());
    let raise = |by: u64| json!({"card_id": card_id, "increase_stock_value": by});
    assert_eq!(play.errcode_of("/card/modifystock", &token, raise(4)).await, 40136);
    assert_eq!(play.errcode_of("/card/modifystock", &token, raise(2)).await, 0);

    assert_eq!(
        play.errcode_of("/card/code/get", &token, json!({"code": "11111", "card_id": card_id})).await,
        40056
    );
    assert_eq!(play.take(&card_id).unwrap().code, "11111");
    assert_eq!(play.errcode_of("/card/code/consume", &token, json!({"code": "11111"})).await, 40056);
    let named = json!({"code": "11111", "card_id": card_id});
    assert_eq!(play.errcode_of("/card/code/consume", &token, named).await, 0);
}

#[tokio::test]
async fn a_spoiled_deposit_refuses_one_code_and_forgets_another() {
    let play = Play::start();
    let token = play.token().await;
    let deposit_mode = json!({"use_custom_code": true, "sku": {"quantity": 0},
        "get_custom_code_mode": "GET_CUSTOM_CODE_MODE_DEPOSIT"});
    let card_id = play.create(&token, &deposit_mode).await;
    let codes = |codes: &[&str]| json!({"card_id": card_id, "code": codes});
    assert_eq!(play.order("/cards/spoil", &json!({"card_id": card_id, "deposits": 1})).await.status, 200);

    let deposit = play.call("/card/code/deposit", &token, &codes(&["1", "2", "3"])).await.json();
    assert_eq!((&deposit["succ_code"], &deposit["fail_code"]), (&json!(["1", "2"]), &json!(["3"])));
    let check = play.call("/card/code/checkcode", &token, &codes(&["1", "2", "3"])).await.json();
    assert_eq!((&check["exist_code"], &check["not_exist_code"]), (&json!(["2"]), &json!(["1", "3"])));

    let again = play.call("/card/code/deposit", &token, &codes(&["1", "3", "4"])).await.json();
    assert_eq!((&again["succ_code"], &again["fail_code"]), (&json!(["1", "3", "4"]), &json!([])));
}

#[tokio::test]
async fn each_bad_deposit_has_its_errcode() {
    let play = Play::start();
    let token = play.token().await;
    let deposit_mode = json!({"use_custom_code": true, "sku": {"quantity": 0},
        "get_custom_code_mode": "GET_CUSTOM_CODE_MODE_DEPOSIT"});
    let card_id = play.create(&token, &deposit_mode).await;
    let many: Vec<String> = (0..101).map(|number| number.to_string()).collect();
    let deposits = [
        (json!({"card_id": card_id, "code": many}), 40109),
        (json!({"card_id": card_id, "code": ["1", ""]}), 40110),
        (json!({"card_id": card_id, "code": ["1", "1"]}), 40111),
        (json!({"card_id": card_id, "code": "1"}), 47001),
        (json!({"code": ["1"]}), 41012),
        (json!({"card_id": "pNone", "code": ["1"]}), 40073),
        (json!({"card_id": CARD_ID, "code": ["1"]}), 40053),
    ];
    for (deposit, errcode) in deposits {
        assert_eq!(
            play.errcode_of("/card/code/deposit", &token, deposit.clone()).await,
            errcode,
            "{deposit}"
        );
    }
    play.control().review_card(APP_ID, &card_id, CardStatus::NotVerify).unwrap();
    let early = json!({"card_id": card_id, "code": ["1"]});
    assert_eq!(play.errcode_of("/card/code/deposit", &token, early).await, 40078);
}

#[tokio::test]
async fn cards_are_listed_by_status() {
    let play = Play::start();
    let token = play.token().await;
    let card_id = play.create(&token, &json!({})).await;
    play.control().review_card(APP_ID, &card_id, CardStatus::VerifyFail).unwrap();

    let failed = json!({"offset": 0, "count": 50, "status_list": ["CARD_STATUS_VERIFY_FAIL"]});
    let list = play.call("/card/batchget", &token, &failed).await.json();
    assert_eq!((&list["card_id_list"], &list["total_num"]), (&json!([card_id]), &json!(1)));
    let all = play.call("/card/batchget", &token, &json!({"offset": 1, "count": 1})).await.json();
    assert_eq!((all["card_id_list"].as_array().unwrap().len(), &all["total_num"]), (1, &json!(3)));
    assert_eq!(play.errcode_of("/card/batchget", &token, json!({"offset": 0, "count": 51})).await, 40097);
}

#[tokio::test]
async fn a_cards_qr_code_shows_a_picture_at_the_address_it_names() {
    let play = Play::start();
    let token = play.token().await;
    let one = json!({"action_name": "QR_CARD", "expire_seconds": 1800,
        "action_info": {"card": {"card_id": CARD_ID, "outer_str": "shop-7"}}});
    let made = play.call("/card/qrcode/create", &token, &one).await.json();
    assert_eq!((&made["errcode"], &made["expire_seconds"]), (&json!(0), &json!(1800)));
    let picture = play.hear(play.http.get(made["show_qrcode_url"].as_str().unwrap())).await;
    assert_eq!((picture.status, picture.content_type.as_str()), (200, "image/jpg"));

    let several = json!({"action_name": "QR_MULTIPLE_CARD",
        "action_info": {"multiple_card": {"card_list": [{"card_id": CARD_ID}]}}});
    let made = play.call("/card/qrcode/create", &token, &several).await.json();
    assert_eq!(made["expire_seconds"], 31_536_000);
    let refused = [
        (json!({"action_name": "QR_OTHER", "action_info": {}}), 40052),
        (json!({"action_name": "QR_CARD", "action_info": {}}), 40053),
        (json!({"action_name": "QR_CARD", "action_info": {"card": {"card_id": "pNone"}}}), 40073),
        (
            json!({"action_name": "QR_CARD", "expire_seconds": 59,
            "action_info": {"card": {"card_id": CARD_ID}}}),
            40053,
        ),
    ];
    for (request, errcode) in refused {
        assert_eq!(
            play.errcode_of("/card/qrcode/create", &token, request.clone()).await,
            errcode,
            "{request}"
        );
    }
}

#[tokio::test]
async fn a_landing_page_and_an_articles_frame_name_the_card() {
    let play = Play::start();
    let token = play.token().await;
    let page = json!({"banner": "http://a/b.png", "page_title": "优惠", "can_share": true,
        "scene": "SCENE_H5", "card_list": [{"card_id": CARD_ID, "thumb_url": "http://a/t.png"}]});
    let made = play.call("/card/landingpage/create", &token, &page).await.json();
    assert_eq!((&made["errcode"], &made["page_id"]), (&json!(0), &json!(1)));
    for (field, value, errcode) in
        [("banner", json!(""), 41011), ("scene", json!("SCENE_MOON"), 40053), ("card_list", json!([]), 41011)]
    {
        let mut wrong = page.clone();
        wrong[field] = value;
        assert_eq!(play.errcode_of("/card/landingpage/create", &token, wrong).await, errcode, "{field}");
    }

    let html = play.call("/card/mpnews/gethtml", &token, &json!({"card_id": CARD_ID})).await.json();
    assert!(html["content"].as_str().unwrap().contains(&format!("cardid={CARD_ID}&")), "{html}");
}

#[tokio::test]
async fn what_a_user_does_is_a_control_over_http_too() {
    let play = Play::start();
    let given = play.order("/cards/receive", &json!({"card_id": CARD_ID, "openid": "oSandboxUser07"})).await;
    assert_eq!((given.status, &given.json()["openid"]), (201, &json!("oSandboxUser07")));
    let code = given.json()["code"].clone();
    let status = json!({"card_id": CARD_ID, "code": code, "status": "DELETE"});
    assert_eq!(play.order("/cards/status", &status).await.status, 200);
    assert_eq!(play.order("/cards/receive", &json!({"card_id": "pNone"})).await.status, 404);
    assert_eq!(
        play.order("/cards/receive", &json!({"card_id": CARD_ID, "openid": "oNobody"})).await.status,
        404
    );

    let cards = play.hear(play.get(&format!("/_sandbox/cards?app={APP_ID}"))).await.json();
    let coupon = cards["cards"].as_array().unwrap().iter().find(|card| card["card_id"] == CARD_ID).unwrap();
    assert_eq!((&coupon["taken"], &coupon["quantity"]), (&json!(1), &json!(999)));
}
