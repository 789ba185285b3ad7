//! What an app may ask about a user who logged in.

use serde_json::json;

use super::exchange::union_id;
use super::logins::Login;
use super::request::Scope;
use crate::errcode::{API_UNAUTHORIZED, INVALID_OPENID, OPENID_MISSING, Refusal, TOKEN_MISSING};
use crate::reply::Reply;
use crate::session::Session;

/// Name and picture. Sex and region come empty nowadays.
pub(super) fn user_info(session: &Session<'_>) -> Result<Reply, Refusal> {
    let login = login(session)?;
    if login.scope == Scope::Base {
        return Err(API_UNAUTHORIZED.into());
    }
    Ok(Reply::unchanged(&json!({
        "openid": login.openid,
        "nickname": format!("沙盒用户 {}", login.openid),
        "sex": 0,
        "language": "",
        "city": "",
        "province": "",
        "country": "",
        "headimgurl": "https://thirdwx.qlogo.cn/mmopen/sandbox/132",
        "privilege": [],
        "unionid": union_id(&login.openid),
    })))
}

/// Whether the token is good.
pub(super) fn auth(session: &Session<'_>) -> Result<Reply, Refusal> {
    login(session).map(|_| Reply::unchanged(&json!({"errcode": 0, "errmsg": "ok"})))
}

fn login(session: &Session<'_>) -> Result<Login, Refusal> {
    let token = session.call.query("access_token").ok_or(TOKEN_MISSING)?;
    let login = session.state.logins.of_token(token, session.now)?;
    match session.call.query("openid") {
        None => Err(OPENID_MISSING.into()),
        Some(openid) if openid != login.openid => Err(INVALID_OPENID.into()),
        Some(_) => Ok(login),
    }
}
