//! Lists the cards that a user has taken (section 3.15 of the document).

use serde::Serialize;
use wxgate_wechat::Endpoint;

use crate::card::{CARD_ID, CARD_ID_PARAM};
use crate::interface::example::OPENID;
use crate::interface::shape::WECHAT;
use crate::interface::{Answers, Example, Group, Interface, Param, ParamKind};
use crate::upstream::{body, look_up};
use crate::{Answer, Call, Refusal};

const OPEN_ID: &str = "open_id";

/// The declaration.
pub(super) const INTERFACE: Interface = Interface {
    name: "get_card_list",
    title_zh: "获取用户已领取的卡券",
    title_en: "The cards that a user has taken",
    group: Group::UsersCards,
    params: &[
        Param::required(OPEN_ID, ParamKind::Text, "需要查询的用户openid", "The user's openid")
            .such_as(OPENID),
        Param {
            meaning_zh: "卡券ID。不填写时默认查询当前appid下的卡券",
            meaning_en: "Only this card; blank: all of the app",
            example: Example::None,
            ..CARD_ID_PARAM.or_blank()
        },
    ],
    answers: Answers::with(WECHAT),
    effect: false,
    secret: false,
    run: |call| Box::pin(run(call)),
};

#[derive(Serialize)]
struct Cards<'a> {
    openid: &'a str,
    card_id: Option<&'a str>,
}

async fn run(call: &Call<'_>) -> Result<Answer, Refusal> {
    let request = Cards { openid: call.required(OPEN_ID), card_id: call.given(CARD_ID) };
    look_up(call, Endpoint::ListUserCards, body(&request)?).await
}
