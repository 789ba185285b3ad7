//! Makes a springboard: the address at which a user logs in through WeChat (section 3.1 of the
//! document).

use wxgate_store::model::springboard::Purpose;
use wxgate_wechat::Scope;

use crate::interface::example::PAGE;
use crate::interface::{Answers, Group, Interface, Param, ParamKind};
use crate::once::{Doubt, Work, once};
use crate::refusal::said;
use crate::springboard::{self, LoginBoard};
use crate::{Call, Refusal, upstream, uri, values};

pub(super) const REDIRECT_URI: &str = "redirect_uri";
pub(super) const OAUTH_TYPE: &str = "oauth_type";
const BIND: &str = "bind";

/// Where the user goes at last.
pub(super) const REDIRECT_URI_PARAM: Param = Param::required(
    REDIRECT_URI,
    ParamKind::Url,
    "重定向uri，登录完成后带上key跳转到该地址",
    "Where the user goes after the login, with key added",
)
.such_as(PAGE);
/// What the user is asked for.
pub(super) const OAUTH_TYPE_PARAM: Param = Param::required(
    OAUTH_TYPE,
    ParamKind::Choice(&["oauth_snsapi_base", "oauth_snsapi_userinfo"]),
    "授权类型：oauth_snsapi_base或oauth_snsapi_userinfo",
    "oauth_snsapi_base (openid only, unseen by the user) or oauth_snsapi_userinfo (name and picture, too)",
)
.such_as("oauth_snsapi_base");

/// The declaration.
pub(super) const INTERFACE: Interface = Interface {
    name: "set_drawboard_data",
    title_zh: "设置跳板信息",
    title_en: "Make a springboard for a login",
    group: Group::Springboards,
    params: &[
        REDIRECT_URI_PARAM,
        OAUTH_TYPE_PARAM,
        Param::optional(
            BIND,
            ParamKind::Flag,
            "为1时，登录后跳转所带的是新的key，用户信息只能用新的key获取",
            "With 1 the redirect carries a fresh key, and the user's data is found only under that",
        ),
    ],
    answers: Answers::with(springboard::LOGIN_BOARD),
    effect: true,
    secret: false,
    run: |call| Box::pin(once(call, Doubt::DoAgain, work(call))),
};

fn work(call: &Call<'_>) -> Result<Work, Refusal> {
    let redirect_uri = uri::web(REDIRECT_URI, call.required(REDIRECT_URI))?.to_owned();
    let (oauth_type, scope) = oauth_type(call)?;
    let bind = values::flag(call, BIND)?;
    let purpose = Purpose::Login { redirect_uri, oauth_type: oauth_type.to_owned(), bind };
    let board = springboard::new(call, purpose);
    let back_to = format!("{}/wx_service/{oauth_type}", call.gateway.public_url);
    let redirect = call.gateway.wechat.login_url(&board.app, &back_to, scope, &board.key);
    let redirect = redirect.map_err(upstream::refusal)?;
    let answer = LoginBoard::answer(call, &board, redirect.as_str())?;
    Ok(springboard::keep(call, board, answer))
}

/// The documented `oauth_type`, and what it means to WeChat.
pub(super) fn oauth_type<'c>(call: &'c Call<'_>) -> Result<(&'c str, Scope), Refusal> {
    match call.required(OAUTH_TYPE) {
        it @ "oauth_snsapi_base" => Ok((it, Scope::Base)),
        it @ "oauth_snsapi_userinfo" => Ok((it, Scope::UserInfo)),
        _ => Err(Refusal::malformed(
            OAUTH_TYPE,
            said(
                "须为oauth_snsapi_base或oauth_snsapi_userinfo",
                "must be oauth_snsapi_base or oauth_snsapi_userinfo",
            ),
        )),
    }
}
