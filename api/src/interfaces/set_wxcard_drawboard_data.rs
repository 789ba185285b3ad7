//! Makes a page that shows a card's code (section 3.6 of the document).

use wxgate_store::model::springboard::{CardPage, Purpose};

use crate::card::{self, CODE, LONGEST_CODE};
use crate::card_page::{self, MAIN_COLOR, OUTER_ID, REDIRECT_URI, REDIRECT_URI_NAME, SHOW_BTN, SUCCESS_URI};
use crate::interface::{Answers, Group, Interface, Param, ParamKind};
use crate::once::{Doubt, Work, once};
use crate::{Call, Refusal};

/// The declaration.
pub(super) const INTERFACE: Interface = Interface {
    name: "set_wxcard_drawboard_data",
    title_zh: "设置微信卡券跳板信息",
    title_en: "Make a page that shows a card's code",
    group: Group::CardPages,
    params: &[
        Param::required(
            CODE,
            ParamKind::Text,
            "卡券Code码，最长20个字符",
            "The card's code, at most 20 characters",
        )
        .at_most(LONGEST_CODE)
        .such_as("110201201245"),
        REDIRECT_URI,
        REDIRECT_URI_NAME,
        MAIN_COLOR,
        SHOW_BTN.or_absent(),
        OUTER_ID,
        SUCCESS_URI,
    ],
    answers: Answers::with(card_page::SHAPE),
    effect: true,
    secret: false,
    run: |call| Box::pin(once(call, Doubt::DoAgain, work(call))),
};

fn work(call: &Call<'_>) -> Result<Work, Refusal> {
    let page = CardPage { code: card::code(call)?.to_owned(), ..card_page::read(call)? };
    card_page::keep(call, Purpose::ShowCode(page), "card")
}
