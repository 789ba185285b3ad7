//! Makes a page on which a WeChat user takes a card (section 3.5 of the document).

use wxgate_store::model::springboard::{CardPage, Purpose};

use crate::card::{CARD_ID, CARD_ID_PARAM};
use crate::card_page::{self, MAIN_COLOR, OUTER_ID, REDIRECT_URI, REDIRECT_URI_NAME, SHOW_BTN, SUCCESS_URI};
use crate::interface::{Answers, Group, Interface};
use crate::once::{Doubt, Work, once};
use crate::{Call, Refusal};

/// The declaration.
pub(super) const INTERFACE: Interface = Interface {
    name: "set_wxcard_code_drawboard_data",
    title_zh: "设置微信卡券Code码跳板信息",
    title_en: "Make a page on which a card is taken",
    group: Group::CardPages,
    params: &[CARD_ID_PARAM, REDIRECT_URI, REDIRECT_URI_NAME, MAIN_COLOR, SHOW_BTN, OUTER_ID, SUCCESS_URI],
    answers: Answers::with(card_page::SHAPE),
    effect: true,
    secret: false,
    run: |call| Box::pin(once(call, Doubt::DoAgain, work(call))),
};

fn work(call: &Call<'_>) -> Result<Work, Refusal> {
    let page = CardPage { card_id: call.required(CARD_ID).to_owned(), ..card_page::read(call)? };
    card_page::keep(call, Purpose::TakeCard(page), "card_wxcode")
}
