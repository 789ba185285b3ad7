//! Hands a client its card page's data, with the secrets and tokens of the app (section 3.7 of the
//! document).

use serde::Serialize;
use wxgate_store::model::springboard::{CardPage, Purpose};

use crate::credentials::{Credentials, Tokens, card_ticket};
use crate::interface::{Interface, Param, ParamKind};
use crate::springboard::{self, KEY};
use crate::{Answer, Call, Refusal};

/// The declaration.
pub(super) const INTERFACE: Interface = Interface {
    name: "get_wxcard_drawboard_data",
    title_zh: "获取微信卡券跳板信息",
    title_en: "A card page's data, and the app's secrets and tokens",
    params: &[Param::required(KEY, ParamKind::Text, "跳板信息key", "The card page")],
    effect: false,
    secret: true,
    run: |call| Box::pin(run(call)),
};

/// The documented fields; `card_id` of pages on which a card is taken alone.
#[derive(Serialize)]
struct Board<'a> {
    code: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    card_id: &'a str,
    redirect_uri: &'a str,
    redirect_uri_name: &'a str,
    main_color: &'a str,
    show_btn: &'a str,
    #[serde(flatten)]
    credentials: Credentials<'a>,
    api_ticket: &'a str,
    outer_id: &'a str,
    success_uri: &'a str,
}

async fn run(call: &Call<'_>) -> Result<Answer, Refusal> {
    let (Purpose::TakeCard(page) | Purpose::ShowCode(page)) = springboard::own_of_app(call).await?.purpose
    else {
        return Err(Refusal::NotFound(KEY));
    };
    let tokens = Tokens::of(call).await?;
    let ticket = card_ticket(call).await?;
    Answer::of(&board(&page, Credentials::new(call, &tokens), ticket.expose()))
}

fn board<'a>(page: &'a CardPage, credentials: Credentials<'a>, api_ticket: &'a str) -> Board<'a> {
    Board {
        code: &page.code,
        card_id: &page.card_id,
        redirect_uri: &page.redirect_uri,
        redirect_uri_name: &page.redirect_uri_name,
        main_color: &page.main_color,
        show_btn: &page.show_btn,
        credentials,
        api_ticket,
        outer_id: &page.outer_id,
        success_uri: &page.success_uri,
    }
}
