//! Member cards: activation, bonus and balance.

use serde_json::{Value, json};
use wxgate_sandbox::{CARD_ID, MEMBER_CARD_ID};

use crate::play::Play;

const ACTIVATE: &str = "/card/membercard/activate";
const UPDATE: &str = "/card/membercard/updateuser";

#[tokio::test]
async fn a_member_has_what_activation_gave_him() {
    let play = Play::start();
    let token = play.token().await;
    let code = play.take(MEMBER_CARD_ID).unwrap().code;
    let activation = json!({"code": code, "membership_number": "AAA0001", "init_bonus": 100,
        "init_balance": 200, "init_custom_field_value1": "白金"});
    assert_eq!(play.call(ACTIVATE, &token, &activation).await.json(), json!({"errcode": 0, "errmsg": "ok"}));

    let told = play.call("/card/code/get", &token, &json!({"code": code})).await.json();
    assert_eq!(
        (&told["membership_number"], &told["bonus"], &told["balance"]),
        (&json!("AAA0001"), &json!(100), &json!(200))
    );
    assert_eq!(told["user_info"]["custom_field_list"], json!([{"name": "1", "value": "白金"}]));
}

#[tokio::test]
async fn a_total_wins_over_a_difference_and_differences_add_up() {
    let play = Play::start();
    let token = play.token().await;
    let code = play.take(MEMBER_CARD_ID).unwrap().code;
    let update = |fields: Value| {
        let mut body = json!({ "code": code });
        body.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
        body
    };
    let results = [
        (json!({"add_bonus": 30, "add_balance": 5}), json!([30, 5])),
        (json!({"add_bonus": -10, "record_bonus": "消费"}), json!([20, 5])),
        (json!({"bonus": 3000, "add_bonus": 30, "balance": 0}), json!([3000, 0])),
    ];
    for (fields, expected) in results {
        let told = play.call(UPDATE, &token, &update(fields)).await.json();
        assert_eq!(json!([told["result_bonus"], told["result_balance"]]), expected);
        assert_eq!(told["openid"], "oSandboxUser01");
    }
    let refused = [
        (json!({"add_bonus": -3001}), 45022),
        (json!({"add_balance": -1}), 45023),
        (json!({"bonus": "many"}), 47001),
        (json!({"custom_field_value1": "一二三四五"}), 40124),
        (json!({"bonus": 1, "record_bonus": "字".repeat(15)}), 45021),
    ];
    for (fields, errcode) in refused {
        assert_eq!(play.call(UPDATE, &token, &update(fields.clone())).await.errcode(), errcode, "{fields}");
    }
    let unchanged = play.call("/card/code/get", &token, &json!({"code": code})).await.json();
    assert_eq!(unchanged["bonus"], 3000);
}

#[tokio::test]
async fn only_a_member_card_that_works_can_be_activated() {
    let play = Play::start();
    let token = play.token().await;
    let coupon = play.take(CARD_ID).unwrap().code;
    let code = play.take(MEMBER_CARD_ID).unwrap().code;
    let requests = [
        (json!({"code": coupon, "membership_number": "1"}), 40071),
        (json!({"code": "none", "membership_number": "1"}), 40056),
        (json!({"membership_number": "1"}), 41013),
        (json!({"code": code}), 41011),
        (json!({"code": code, "membership_number": "1".repeat(21)}), 45021),
    ];
    for (request, errcode) in requests {
        assert_eq!(play.call(ACTIVATE, &token, &request).await.errcode(), errcode, "{request}");
    }
    play.call("/card/code/unavailable", &token, &json!({"code": code})).await;
    let late = json!({"code": code, "membership_number": "1"});
    assert_eq!(play.call(ACTIVATE, &token, &late).await.errcode(), 40127);
}
