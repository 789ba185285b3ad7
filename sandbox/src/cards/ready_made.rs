//! The cards that every sandbox begins with, both of the ready-made app and approved.

use std::sync::Arc;

use serde_json::{Value, json};

use super::draft::Draft;
use super::kind::{CardStatus, Kind};
use crate::apps::APP_ID;

/// The id of the ready-made coupon: a thousand copies, ten for each user.
pub const CARD_ID: &str = "pSandboxCard01";
/// The id of the ready-made member card.
pub const MEMBER_CARD_ID: &str = "pSandboxMember01";

pub(super) fn kinds(now_s: i64) -> Vec<Kind> {
    let drafts = [(CARD_ID, coupon()), (MEMBER_CARD_ID, member_card())];
    let kinds = drafts.into_iter().filter_map(|(card_id, body)| {
        let draft = Draft::parse(body.as_object()?).ok()?;
        Some(Kind::new(Arc::from(APP_ID), card_id.to_owned(), draft, CardStatus::VerifyOk, now_s))
    });
    kinds.collect()
}

fn coupon() -> Value {
    let mut base = base_info("咖啡一杯");
    base["date_info"] = json!({"type": "DATE_TYPE_FIX_TERM", "fixed_term": 30, "fixed_begin_term": 0});
    json!({"card": {"card_type": "GIFT", "gift": {"base_info": base, "gift": "任意中杯咖啡一杯"}}})
}

fn member_card() -> Value {
    let mut base = base_info("沙盒会员卡");
    base["date_info"] = json!({"type": "DATE_TYPE_PERMANENT"});
    json!({"card": {"card_type": "MEMBER_CARD", "member_card": {
        "base_info": base, "prerogative": "会员九折", "supply_bonus": true, "supply_balance": true,
        "custom_field1": {"name_type": "FIELD_NAME_TYPE_LEVEL", "url": "http://www.qq.com"}}}})
}

fn base_info(title: &str) -> Value {
    json!({
        "logo_url": "http://mmbiz.qpic.cn/mmbiz_jpg/sandbox/0",
        "brand_name": "沙盒咖啡",
        "code_type": "CODE_TYPE_QRCODE",
        "title": title,
        "color": "Color010",
        "notice": "使用时向服务员出示此券",
        "description": "仅限在沙盒中使用",
        "sku": {"quantity": 1000},
        "get_limit": 10,
        "can_share": true,
        "can_give_friend": true,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_cards_are_such_as_an_app_could_create() {
        let ids: Vec<String> = kinds(0).into_iter().map(|kind| kind.card_id).collect();
        assert_eq!(ids, [CARD_ID, MEMBER_CARD_ID]);
    }
}
