//! Makes what a page needs to offer a card: `cardId` and a signed `cardExt` (section 3.20 of the
//! document).

use std::sync::Arc;

use futures_util::FutureExt as _;
use serde::Serialize;
use tokio::time::Instant;
use wxgate_store::clock::now_ms;
use wxgate_wechat::TicketKind;
use wxgate_wechat::signature;

use crate::card::{CARD_ID, CARD_ID_PARAM, CODE, LONGEST_CODE};
use crate::interface::{Answers, Field, Group, Interface, Param, ParamKind, Shape};
use crate::once::{Doubt, Work, once};
use crate::upstream::{WITHIN, refusal};
use crate::values::text;
use crate::{Answer, Call, Refusal};

const OUTER_ID: &str = "outer_id";
const OPENID: &str = "openid";

/// The declaration.
pub(super) const INTERFACE: Interface = Interface {
    name: "generate_card_param",
    title_zh: "生成卡包信息",
    title_en: "What a page needs to offer a card",
    group: Group::CardPages,
    params: &[
        CARD_ID_PARAM,
        Param::required(OUTER_ID, ParamKind::Text, "场景ID", "The scene").such_as("1"),
        Param::optional(
            CODE,
            ParamKind::Text,
            "自定义Code码的卡券须填写，最长20个字符",
            "The code, of a card with codes of the merchant's own; at most 20 characters",
        )
        .at_most(LONGEST_CODE),
        Param::optional(
            OPENID,
            ParamKind::Text,
            "指定领取者的openid，只有该用户能领取",
            "The only user who may take the card",
        ),
    ],
    answers: Answers::with(CARD_PARAM),
    effect: true,
    secret: false,
    run: |call| Box::pin(once(call, Doubt::DoAgain, work(call))),
};

/// What is answered.
const CARD_PARAM: Shape = Shape::Object(&[
    Field::new("cardId", Shape::Text, "卡券ID", "The card"),
    Field::new("cardExt", Shape::Object(CARD_EXT), "卡券扩展参数", "Its signed extension"),
]);
const CARD_EXT: &[Field] = &[
    Field::new(CODE, Shape::Text, "Code码", "The code; empty unless it was sent"),
    Field::new(OPENID, Shape::Text, "指定领取者的openid", "The only user who may take it").if_any(),
    Field::new("timestamp", Shape::Text, "签名时间戳", "When it was signed"),
    Field::new("nonce_str", Shape::Text, "签名随机串", "Makes each signature another"),
    Field::new(OUTER_ID, Shape::Text, "场景ID", "The scene"),
    Field::new("signature", Shape::Text, "签名", "The signature"),
];

#[derive(Serialize)]
struct CardParam {
    #[serde(rename = "cardId")]
    card_id: String,
    #[serde(rename = "cardExt")]
    card_ext: CardExt,
}

/// As `wx.addCard` takes it, though as an object: whatever is signed is in it. The scene is not signed.
#[derive(Serialize)]
struct CardExt {
    code: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    openid: Option<String>,
    timestamp: String,
    nonce_str: String,
    outer_id: String,
    signature: String,
}

fn work(call: &Call<'_>) -> Result<Work, Refusal> {
    let unsigned = CardParam {
        card_id: call.required(CARD_ID).to_owned(),
        card_ext: CardExt {
            code: text(call, CODE, LONGEST_CODE)?.unwrap_or_default().to_owned(),
            openid: call.given(OPENID).map(str::to_owned),
            timestamp: (now_ms() / 1000).to_string(),
            nonce_str: hex::encode(rand::random::<[u8; 16]>()),
            outer_id: call.required(OUTER_ID).to_owned(),
            signature: String::new(),
        },
    };
    let (wechat, app) = (Arc::clone(&call.gateway.wechat), call.app.app_id.clone());
    let work = async move {
        let ticket = wechat.ticket(&app, TicketKind::Card, Instant::now() + WITHIN).await.map_err(refusal)?;
        Answer::of(&unsigned.signed(ticket.expose()))
    };
    Ok(work.boxed())
}

impl CardParam {
    fn signed(mut self, ticket: &str) -> Self {
        let ext = &mut self.card_ext;
        let signed = signature::CardExt {
            timestamp: &ext.timestamp,
            card_id: &self.card_id,
            code: &ext.code,
            openid: ext.openid.as_deref().unwrap_or_default(),
            nonce_str: &ext.nonce_str,
            balance: "",
        };
        ext.signature = signed.sign(ticket);
        self
    }
}
