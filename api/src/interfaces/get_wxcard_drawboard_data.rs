//! Hands a client its card page's data, with the secrets and tokens of the app (section 3.7 of the
//! document).

use serde::Serialize;
use wxgate_store::model::springboard::{CardPage, Purpose};

use crate::credentials::{Credentials, FIELDS, Tokens, card_ticket};
use crate::interface::{Answers, Field, Group, Interface, Param, ParamKind, Shape};
use crate::springboard::{self, KEY};
use crate::{Answer, Call, Refusal};

/// The declaration.
pub(super) const INTERFACE: Interface = Interface {
    name: "get_wxcard_drawboard_data",
    title_zh: "获取微信卡券跳板信息",
    title_en: "A card page's data, and the app's secrets and tokens",
    group: Group::CardPages,
    params: &[Param::required(KEY, ParamKind::Text, "跳板信息key", "The card page")
        .as_answered_by("set_wxcard_drawboard_data", "/key")],
    answers: Answers::with(BOARD),
    effect: false,
    secret: true,
    run: |call| Box::pin(run(call)),
};

/// The documented fields; `card_id` of pages on which a card is taken alone.
const BOARD: Shape = {
    let [client, secret, app, component, app_secret, third, token, authorizer, platform] = FIELDS;
    Shape::Object(&[
        Field::new("code", Shape::Text, "卡券Code码", "The card's code, of a page that shows one"),
        Field::new("card_id", Shape::Text, "卡券ID", "The card, of a page on which one is taken").if_any(),
        Field::new("redirect_uri", Shape::Text, "重定向uri", "Where the button leads"),
        Field::new("redirect_uri_name", Shape::Text, "重定向uri名字", "What the button says"),
        Field::new("main_color", Shape::Text, "卡券背景色", "The page's colour"),
        Field::new("show_btn", Shape::Text, "是否显示为按钮", "Whether there is a button"),
        client,
        secret,
        app,
        component,
        app_secret,
        third,
        token,
        authorizer,
        platform,
        Field::new("api_ticket", Shape::Text, "api临时凭证", "The ticket that cards are signed with"),
        Field::new("outer_id", Shape::Text, "场景ID", "The scene"),
        Field::new("success_uri", Shape::Text, "调用后的重定向uri", "Where to go after success"),
    ])
};

/// As they are written.
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
