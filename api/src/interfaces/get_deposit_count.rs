//! Counts the card codes that were brought in.

use serde::Serialize;
use wxgate_wechat::Endpoint;

use crate::card::{CARD_ID, CARD_ID_PARAM};
use crate::interface::shape::WECHAT;
use crate::interface::{Answers, Group, Interface};
use crate::upstream::{body, look_up};
use crate::{Answer, Call, Refusal};

/// The declaration.
pub(super) const INTERFACE: Interface = Interface {
    name: "get_deposit_count",
    title_zh: "查询导入code数目",
    title_en: "How many card codes were brought in",
    group: Group::Cards,
    params: &[CARD_ID_PARAM.as_answered_by("create_card", "/card_id")],
    answers: Answers::with(WECHAT),
    effect: false,
    secret: false,
    run: |call| Box::pin(run(call)),
};

#[derive(Serialize)]
struct Card<'a> {
    card_id: &'a str,
}

async fn run(call: &Call<'_>) -> Result<Answer, Refusal> {
    look_up(call, Endpoint::CountCardCodes, body(&Card { card_id: call.required(CARD_ID) })?).await
}
