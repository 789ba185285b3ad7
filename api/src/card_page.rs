//! What the interfaces that make card pages have in common.

use serde::Serialize;
use wxgate_store::model::springboard::{CardPage, Purpose};

use crate::color::is_color;
use crate::interface::example::PAGE;
use crate::interface::{Field, Param, ParamKind, Shape};
use crate::once::Work;
use crate::refusal::said;
use crate::{Answer, Call, Refusal, springboard, uri};

/// Where the page's button leads.
pub(crate) const REDIRECT_URI: Param =
    Param::required("redirect_uri", ParamKind::Url, "回调uri", "Where the page's button leads").such_as(PAGE);
/// What the button says.
pub(crate) const REDIRECT_URI_NAME: Param =
    Param::required("redirect_uri_name", ParamKind::Text, "回调uri名称", "What the button says")
        .such_as("返回商城");
/// The page's colour.
pub(crate) const MAIN_COLOR: Param = Param::required(
    "main_color",
    ParamKind::Text,
    "卡券主要颜色：颜色名称、#十六进制或微信的ColorNNN",
    "The page's colour: a name, # and hex digits, or WeChat's ColorNNN",
)
.such_as("#10ad61");
/// Whether there is a button.
pub(crate) const SHOW_BTN: Param = Param::required(
    "show_btn",
    ParamKind::Text,
    "是否显示按钮，true或1表示显示",
    "Whether there is a button: true or 1",
)
.such_as("true");
/// The scene.
pub(crate) const OUTER_ID: Param = Param::optional("outer_id", ParamKind::Text, "场景ID", "The scene");
/// Where to go after success.
pub(crate) const SUCCESS_URI: Param =
    Param::optional("success_uri", ParamKind::Url, "设置成功回调的uri", "Where to go after success");

/// What is answered when a card page was made.
pub(crate) const SHAPE: Shape = Shape::Object(&[
    Field::new("key", Shape::Text, "跳板信息的key", "Names the page to the other interfaces"),
    Field::new("redirect", Shape::Text, "页面地址", "The page's address"),
]);

/// As it is written.
#[derive(Serialize)]
struct CardBoard<'a> {
    key: &'a str,
    redirect: &'a str,
}

/// What both kinds of page need, as sent.
pub(crate) fn read(call: &Call<'_>) -> Result<CardPage, Refusal> {
    let given = |param: Param| call.given(param.name).unwrap_or_default();
    let success_uri = given(SUCCESS_URI);
    if !success_uri.is_empty() {
        uri::web(SUCCESS_URI.name, success_uri)?;
    }
    Ok(CardPage {
        redirect_uri: uri::web(REDIRECT_URI.name, given(REDIRECT_URI))?.to_owned(),
        redirect_uri_name: given(REDIRECT_URI_NAME).to_owned(),
        main_color: color(given(MAIN_COLOR))?.to_owned(),
        show_btn: given(SHOW_BTN).to_owned(),
        outer_id: given(OUTER_ID).to_owned(),
        success_uri: success_uri.to_owned(),
        ..CardPage::default()
    })
}

/// Keeps the page under a new key, and tells its address below `/wx_service`.
pub(crate) fn keep(call: &Call<'_>, purpose: Purpose, path: &str) -> Result<Work, Refusal> {
    let board = springboard::new(call, purpose);
    let redirect = format!("{}/wx_service/{path}?wx_card_key={}", call.gateway.public_url, board.key);
    let answer = Answer::of(&CardBoard { key: &board.key, redirect: &redirect })?;
    Ok(springboard::keep(call, board, answer))
}

fn color(text: &str) -> Result<&str, Refusal> {
    if is_color(text) {
        return Ok(text);
    }
    Err(Refusal::malformed(
        MAIN_COLOR.name,
        said(
            "须为颜色名称、#加十六进制数字或ColorNNN",
            "must be a colour's name, # and hex digits, or ColorNNN",
        ),
    ))
}
