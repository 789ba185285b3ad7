//! Makes a springboard that never asks WeChat, for callers' tests (section 3.8 of the document).

use serde_json::json;
use wxgate_store::model::springboard::{Purpose, Springboard};

use super::set_drawboard_data::{OAUTH_TYPE_PARAM, REDIRECT_URI, REDIRECT_URI_PARAM, oauth_type};
use crate::interface::{Answers, Group, Interface};
use crate::once::{Doubt, Work, once};
use crate::springboard::{self, KEY, LoginBoard};
use crate::{Call, Refusal, uri};

/// The declaration.
pub(super) const INTERFACE: Interface = Interface {
    name: "set_drawboard_data_test",
    title_zh: "设置跳板信息测试接口",
    title_en: "Make a springboard with a made-up user",
    group: Group::Springboards,
    params: &[REDIRECT_URI_PARAM, OAUTH_TYPE_PARAM],
    answers: Answers::with(springboard::LOGIN_BOARD),
    effect: true,
    secret: false,
    run: |call| Box::pin(once(call, Doubt::DoAgain, work(call))),
};

fn work(call: &Call<'_>) -> Result<Work, Refusal> {
    let redirect_uri = uri::web(REDIRECT_URI, call.required(REDIRECT_URI))?.to_owned();
    oauth_type(call)?;
    let board = springboard::new(call, Purpose::TestLogin { redirect_uri: redirect_uri.clone() });
    let redirect = uri::with_param(&redirect_uri, KEY, &board.key);
    let answer = LoginBoard::answer(call, &board, &redirect)?;
    Ok(springboard::keep(call, Springboard { user: Some(test_user()), ..board }, answer))
}

/// The same user for everybody, with every documented field.
fn test_user() -> String {
    json!({
        "openid": "oTestUser0000000000000000001",
        "nickname": "测试用户",
        "sex": "1",
        "province": "上海",
        "city": "上海",
        "country": "中国",
        "headimgurl": "",
        "privilege": [],
        "unionid": "oTestUnion000000000000000001",
    })
    .to_string()
}
