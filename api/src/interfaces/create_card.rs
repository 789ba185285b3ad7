//! Makes a kind of card.

use bytes::Bytes;
use wxgate_wechat::{CardDraft, Endpoint};

use crate::interface::shape::WECHAT;
use crate::interface::{Answers, Group, Interface, Param, ParamKind};
use crate::once::{Doubt, Work, once};
use crate::upstream::pass_on;
use crate::{Call, Refusal};

const CARD_DATA: &str = "card_data";

/// One whose codes are the merchant's own: the other interfaces go on with it.
const CARD: &str = r#"{"card":{"card_type":"GIFT","gift":{"base_info":{"logo_url":"http://mmbiz.qpic.cn/mmbiz_jpg/sandbox/0","brand_name":"微信咖啡","code_type":"CODE_TYPE_QRCODE","title":"咖啡一杯","color":"Color010","notice":"使用时向服务员出示此券","description":"每杯一券","date_info":{"type":"DATE_TYPE_FIX_TERM","fixed_term":30,"fixed_begin_term":0},"sku":{"quantity":0},"use_custom_code":true,"get_custom_code_mode":"GET_CUSTOM_CODE_MODE_DEPOSIT"},"gift":"任意中杯咖啡一杯"}}}"#;

/// The declaration. WeChat knows no repeat of a card: there would be two.
pub(super) const INTERFACE: Interface = Interface {
    name: "create_card",
    title_zh: "创建卡券",
    title_en: "Make a kind of card",
    group: Group::Cards,
    params: &[Param::required(
        CARD_DATA,
        ParamKind::Json,
        "卡券数据，为json格式的字符串（含card），原样传给微信；必填字段和长度先行检查",
        "The card, as WeChat's card/create takes it; handed on byte for byte once required fields and lengths are right",
    ).such_as(CARD)],
    answers: Answers::with(WECHAT),
    effect: true,
    secret: false,
    run: |call| Box::pin(once(call, Doubt::Leave, work(call))),
};

fn work(call: &Call<'_>) -> Result<Work, Refusal> {
    let card = call.required(CARD_DATA);
    let draft = CardDraft::read(card).map_err(|flaw| Refusal::malformed(CARD_DATA, &flaw))?;
    for doubt in draft.doubts() {
        tracing::warn!(app = call.app.app_id, field = doubt.field, problem = %doubt.problem, "card.doubtful");
    }
    Ok(pass_on(call, Endpoint::CreateCard, Bytes::copy_from_slice(draft.body().as_bytes())))
}
