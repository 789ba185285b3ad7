//! Makes what a page needs to let a user choose among the cards that he or she has.

use std::sync::Arc;

use futures_util::FutureExt as _;
use serde::Serialize;
use tokio::time::Instant;
use wxgate_store::clock::now_ms;
use wxgate_wechat::TicketKind;
use wxgate_wechat::signature::ChooseCard;

use crate::card::{CARD_ID, CARD_ID_PARAM};
use crate::interface::{Answers, Example, Field, Group, Interface, Param, ParamKind, Shape};
use crate::once::{Doubt, Work, once};
use crate::upstream::{WITHIN, refusal};
use crate::{Answer, Call};

const LOCATION_ID: &str = "location_id";
const CARD_TYPE: &str = "card_type";

/// The declaration.
pub(super) const INTERFACE: Interface = Interface {
    name: "choose_card_param",
    title_zh: "生成拉取卡券列表参数",
    title_en: "What a page needs to let a user choose a card",
    group: Group::CardPages,
    params: &[
        Param::optional(
            LOCATION_ID,
            ParamKind::Text,
            "门店ID，只列出该门店可用的卡券",
            "Only cards of this shop",
        ),
        Param {
            meaning_zh: "卡券ID，只列出该卡券",
            meaning_en: "Only this card",
            example: Example::None,
            ..CARD_ID_PARAM.or_absent()
        },
        Param::optional(
            CARD_TYPE,
            ParamKind::Text,
            "卡券类型，如GROUPON",
            "Only cards of this type, such as GROUPON",
        ),
    ],
    answers: Answers::with(CARD_CHOICE),
    effect: true,
    secret: false,
    run: |call| Box::pin(once(call, Doubt::DoAgain, Ok(work(call)))),
};

/// As `wx.chooseCard` takes it.
const CARD_CHOICE: Shape = Shape::Object(&[
    Field::new("shopId", Shape::Text, "门店ID", "The shop"),
    Field::new("cardType", Shape::Text, "卡券类型", "The type of card"),
    Field::new("cardId", Shape::Text, "卡券ID", "The card"),
    Field::new("timestamp", Shape::Text, "签名时间戳", "When it was signed"),
    Field::new("nonceStr", Shape::Text, "签名随机串", "Makes each signature another"),
    Field::new("signType", Shape::OneOf(&["SHA1"]), "签名方式", "How it was signed"),
    Field::new("cardSign", Shape::Text, "签名", "The signature"),
]);

/// As it is written.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct CardChoice {
    shop_id: String,
    card_type: String,
    card_id: String,
    timestamp: String,
    nonce_str: String,
    sign_type: &'static str,
    card_sign: String,
}

fn work(call: &Call<'_>) -> Work {
    let given = |name| call.given(name).unwrap_or_default().to_owned();
    let unsigned = CardChoice {
        shop_id: given(LOCATION_ID),
        card_type: given(CARD_TYPE),
        card_id: given(CARD_ID),
        timestamp: (now_ms() / 1000).to_string(),
        nonce_str: hex::encode(rand::random::<[u8; 16]>()),
        sign_type: "SHA1",
        card_sign: String::new(),
    };
    let (wechat, app) = (Arc::clone(&call.gateway.wechat), call.app.app_id.clone());
    let work = async move {
        let ticket = wechat.ticket(&app, TicketKind::Card, Instant::now() + WITHIN).await.map_err(refusal)?;
        Answer::of(&unsigned.signed(&app, ticket.expose()))
    };
    work.boxed()
}

impl CardChoice {
    fn signed(mut self, app_id: &str, ticket: &str) -> Self {
        let signed = ChooseCard {
            app_id,
            location_id: &self.shop_id,
            timestamp: &self.timestamp,
            nonce_str: &self.nonce_str,
            card_id: &self.card_id,
            card_type: &self.card_type,
        };
        self.card_sign = signed.sign(ticket);
        self
    }
}
