//! Makes a card's code unusable for good (section 3.11 of the document).

use wxgate_wechat::Endpoint;

use crate::card::{CARD_ID_PARAM, CODE, CardCode, LONGEST_CODE};
use crate::interface::shape::WECHAT;
use crate::interface::{Answers, Group, Interface, Param, ParamKind};
use crate::once::{Doubt, Work, once};
use crate::upstream::{body, pass_on};
use crate::{Call, Refusal};

/// The declaration. A code that is unusable can be made so again.
pub(super) const INTERFACE: Interface = Interface {
    name: "abrogate_card_code",
    title_zh: "设置卡券失效",
    title_en: "Make a card's code unusable",
    group: Group::UsersCards,
    params: &[
        Param::required(
            CODE,
            ParamKind::Text,
            "需设置失效的卡券Code码，最长20个字符",
            "The code to make unusable, at most 20 characters",
        )
        .at_most(LONGEST_CODE)
        .as_answered_by("get_card_list", "/card_list/0/code"),
        CARD_ID_PARAM,
    ],
    answers: Answers::with(WECHAT),
    effect: true,
    secret: false,
    run: |call| Box::pin(once(call, Doubt::DoAgain, work(call))),
};

fn work(call: &Call<'_>) -> Result<Work, Refusal> {
    Ok(pass_on(call, Endpoint::DisableCardCode, body(&CardCode::read(call)?)?))
}
