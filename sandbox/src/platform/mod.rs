//! Third-party platforms: their tickets and tokens, and the accounts that authorised them.
//!
//! `register` has the state, `calls` the endpoints below `/cgi-bin/component`, `login_page` what an
//! account's administrator sees, `events` what is pushed to a platform.

mod authorization;
mod calls;
mod component;
mod events;
mod login_page;
mod register;

pub use authorization::Authorized;
pub(crate) use calls::check_token;
pub use component::{COMPONENT_APP_ID, COMPONENT_SECRET, Component, ComponentChange};
pub(crate) use events::{authorize, push_ticket, unauthorize};
pub(crate) use register::Platforms;

use crate::endpoint::{Endpoint, Verb};

/// The calls of platforms, and the page on which an account authorises one.
pub(crate) const ENDPOINTS: &[Endpoint] = &[
    calls::post("/cgi-bin/component/api_start_push_ticket", calls::start_push_ticket),
    calls::post("/cgi-bin/component/api_component_token", calls::component_token),
    calls::post("/cgi-bin/component/api_create_preauthcode", calls::create_preauthcode),
    calls::post("/cgi-bin/component/api_query_auth", calls::query_auth),
    calls::post("/cgi-bin/component/api_authorizer_token", calls::authorizer_token),
    calls::post("/cgi-bin/component/api_get_authorizer_list", calls::authorizer_list),
    page("/cgi-bin/componentloginpage", |session| Ok(login_page::show(session))),
    page("/cgi-bin/componentloginpage/approve", |session| Ok(login_page::approve(session))),
];

const fn page(path: &'static str, answer: crate::endpoint::Answer) -> Endpoint {
    Endpoint {
        path,
        verb: Verb::Get,
        has_secrets: false,
        app_of: |call, _| call.query("component_appid").map(str::to_owned),
        answer,
    }
}
