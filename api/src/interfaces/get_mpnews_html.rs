//! Tells the HTML by which an article offers a card.

use serde::Serialize;
use wxgate_wechat::Endpoint;

use crate::card::{CARD_ID, CARD_ID_PARAM};
use crate::interface::shape::WECHAT;
use crate::interface::{Answers, Group, Interface};
use crate::upstream::{body, look_up};
use crate::{Answer, Call, Refusal};

/// The declaration.
pub(super) const INTERFACE: Interface = Interface {
    name: "get_mpnews_html",
    title_zh: "图文消息群发卡券",
    title_en: "The HTML by which an article offers a card",
    group: Group::Cards,
    params: &[CARD_ID_PARAM],
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
    look_up(call, Endpoint::GetCardHtml, body(&Card { card_id: call.required(CARD_ID) })?).await
}
