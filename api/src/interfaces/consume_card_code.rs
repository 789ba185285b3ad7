//! Consumes a card's code (section 3.10 of the document).

use std::sync::Arc;

use bytes::Bytes;
use futures_util::FutureExt as _;
use serde::Serialize;
use serde_json::{Value, json};
use tokio::time::Instant;
use wxgate_wechat::errcode::is_consumed;
use wxgate_wechat::{Answer as Found, WeChat};

use crate::card::{CARD_ID_PARAM, CODE, CardCode, LONGEST_CODE};
use crate::interface::shape::WECHAT;
use crate::interface::{Answers, Group, Interface, Param, ParamKind};
use crate::once::{Earlier, Work, once_knowing};
use crate::refusal::said;
use crate::upstream::{WITHIN, body, handed_on, refusal};
use crate::{Answer, Call, Refusal};

/// The declaration. WeChat consumes a code once, however often it is told; but the second time it says
/// that somebody did, and that may have been this request.
pub(super) const INTERFACE: Interface = Interface {
    name: "consume_card_code",
    title_zh: "核销卡券code码",
    title_en: "Consume a card's code",
    group: Group::UsersCards,
    params: &[
        Param::required(
            CODE,
            ParamKind::Text,
            "需核销的Code码，最长20个字符",
            "The code to consume, at most 20 characters",
        )
        .at_most(LONGEST_CODE)
        .as_answered_by("get_card_list", "/card_list/0/code"),
        CARD_ID_PARAM,
    ],
    answers: Answers::with(WECHAT),
    effect: true,
    secret: false,
    run: |call| Box::pin(once_knowing(call, work(call))),
};

/// Looking a code up without being refused for its state.
#[derive(Serialize)]
struct Look<'a> {
    #[serde(flatten)]
    card: CardCode<'a>,
    check_consume: bool,
}

fn work(call: &Call<'_>) -> Result<impl FnOnce(Earlier) -> Work + use<>, Refusal> {
    let consume = body(&CardCode::read(call)?)?;
    let look = body(&Look { card: CardCode::read(call)?, check_consume: false })?;
    let (wechat, app) = (Arc::clone(&call.gateway.wechat), call.app.app_id.clone());
    Ok(move |earlier| {
        async move {
            let by = Instant::now() + WITHIN;
            let answer = wechat.consume_card_code(&app, consume, by).await.map_err(refusal)?;
            if earlier == Earlier::Unknown && is_consumed(answer.errcode()) {
                let consumed = consumed(&wechat, &app, look, by).await?;
                return consumed.map_or_else(|| handed_on(&answer), |consumed| Answer::of(&consumed));
            }
            handed_on(&answer)
        }
        .boxed()
    })
}

/// What WeChat had answered, as far as the code can be looked up and is indeed consumed.
async fn consumed(wechat: &WeChat, app: &str, look: Bytes, by: Instant) -> Result<Option<Value>, Refusal> {
    let found = wechat.get_card_code(app, look, by).await.map_err(refusal)?;
    if found.errcode() != 0 {
        let errcode = found.errcode();
        return Err(Refusal::UpstreamFailed(said(
            format!("卡券是否已核销未知：微信返回{errcode}"),
            format!("whether the code was consumed is unknown: WeChat answered {errcode}"),
        )));
    }
    Ok(success(&found))
}

/// The documented answer.
fn success(found: &Found) -> Option<Value> {
    let card_id = found.field("card")?.get("card_id")?;
    let is_consumed = found.text("user_card_status") == Some("CONSUMED");
    let openid = found.field("openid").filter(|_| is_consumed)?;
    Some(json!({ "errcode": 0, "errmsg": "ok", "card": { "card_id": card_id }, "openid": openid }))
}
