//! Web logins: the pages that WeChat shows a user (`authorize`), and the calls that an app makes with
//! what came of it (`exchange`, `user`).

mod authorize;
mod exchange;
mod logins;
mod request;
mod user;

pub(crate) use logins::Logins;

use crate::endpoint::{Answer, Endpoint, Verb};
use crate::incoming::Incoming;
use crate::state::State;

/// The pages, which WeChat has on `open.weixin.qq.com`, and the calls below `/sns`.
pub(crate) const ENDPOINTS: &[Endpoint] = &[
    get("/connect/oauth2/authorize", by_appid, |session| Ok(authorize::authorize(session))),
    get("/connect/oauth2/authorize/allow", by_appid, |session| Ok(authorize::allow(session))),
    get("/connect/oauth2/authorize/refuse", by_appid, |session| Ok(authorize::refuse(session))),
    get("/sns/oauth2/access_token", by_appid, exchange::access_token),
    get("/sns/oauth2/refresh_token", by_appid, exchange::refresh_token),
    get("/sns/oauth2/component/access_token", by_appid, exchange::component_access_token),
    get("/sns/oauth2/component/refresh_token", by_appid, exchange::component_refresh_token),
    get("/sns/userinfo", by_web_token, user::user_info),
    get("/sns/auth", by_web_token, user::auth),
];

const fn get(
    path: &'static str,
    app_of: fn(&Incoming, &State) -> Option<String>,
    answer: Answer,
) -> Endpoint {
    Endpoint { path, verb: Verb::Get, has_secrets: true, app_of, answer }
}

fn by_appid(call: &Incoming, _: &State) -> Option<String> {
    call.query("appid").map(str::to_owned)
}

fn by_web_token(call: &Incoming, state: &State) -> Option<String> {
    state.logins.app_of(call.query("access_token")?)
}
