//! Member cards (3.13, 3.14).

use serde_json::json;
use wxgate_sandbox::MEMBER_CARD_ID;
use wxgate_tests::{Pairing, Plan};

use super::{asked, data, taken};
use crate::support::calls;

crate::on_both_pairings!(a_member_card_is_activated_and_its_bonus_added_once);

const UPDATE: &str = "/card/membercard/updateuser";

async fn a_member_card_is_activated_and_its_bonus_added_once(pairing: Pairing) {
    let gateway = Plan::new(pairing).start().await;
    let card = taken(&gateway.wechat, MEMBER_CARD_ID);
    let card_params = [("code", card.code.as_str()), ("card_id", MEMBER_CARD_ID)];
    let first = [
        ("membership_number", "110201201245"),
        ("init_bonus", "100"),
        ("init_balance", "200"),
        ("init_custom_field_value1", "白金会员"),
    ];
    let activated = asked(&gateway.caller, "membercard_active", &[&card_params[..], &first].concat()).await;
    assert_eq!(activated, json!({ "errcode": 0, "errmsg": "ok" }));

    let change = [
        ("add_bonus", "-30"),
        ("add_balance", "50"),
        ("record_bonus", "消费30元"),
        ("custom_field_value1", "黄金"),
    ];
    let request = gateway.caller.sign("membercard_update", &[&card_params[..], &change].concat());
    let documented = json!({ "errcode": 0, "errmsg": "ok", "result_bonus": 70, "result_balance": 250,
        "openid": card.openid });
    for _ in 0..2 {
        assert_eq!(data(gateway.caller.send(&request).await.unwrap()), documented);
    }
    assert_eq!(calls(&gateway.wechat, UPDATE), 1);

    let totals = [("bonus", "7"), ("add_bonus", "1"), ("balance", "8")];
    let set = asked(&gateway.caller, "membercard_update", &[&card_params[..], &totals].concat()).await;
    assert_eq!((&set["result_bonus"], &set["result_balance"]), (&json!(7), &json!(8)), "totals win");

    let too_long = [("custom_field_value1", "五个汉字长")];
    let refused = gateway.caller.call("membercard_update", &[&card_params[..], &too_long].concat()).await;
    assert!(refused.retcode == 400 && refused.msg.contains("custom_field_value1"), "{refused:?}");
    gateway.end().await;
}
