//! The pages that browsers visit: logins that come back from WeChat, cards, short links, media, and the
//! test tool for those who write callers.
//!
//! A visit is not signed by a caller: what a page shows and where it leads was stored by one before, under
//! a key that cannot be guessed, and nothing of it is taken from the visit. Every visit goes through
//! `visit`, which is also where one that fails gets its page. Begin with [`routes`].

mod api_test;
mod board;
mod code_image;
mod fault;
mod frame;
mod login;
mod medium;
mod short_link;
mod show_code;
mod take_card;
mod visit;
mod words;

use actix_web::web::{ServiceConfig, scope, to};

use visit::page;

/// Where short links are.
const SHORT_LINKS: &str = "/tu";

/// Where the test tool is. The document's own address for it is below that.
pub const TEST_TOOL: &str = "/api_test";

/// Where media kept on this machine are.
const MEDIA: &str = "/media";

/// The pages under `/wx_service`.
pub(crate) fn service_routes(config: &mut ServiceConfig) {
    config
        .route("/oauth_snsapi_base", page("page_login", login::visit))
        .route("/oauth_snsapi_userinfo", page("page_login", login::visit))
        .route("/card_wxcode", page("page_take_card", take_card::visit))
        .route("/card", page("page_show_code", show_code::visit))
        .default_service(to(visit::nowhere));
}

/// The pages elsewhere.
pub(crate) fn routes(config: &mut ServiceConfig) {
    let links = scope(SHORT_LINKS).route("/{id}", page("page_short_link", short_link::visit));
    config.service(links.default_service(to(visit::nowhere)));
    let media = scope(MEDIA).route("/{name}", page("page_medium", medium::visit));
    config.service(media.default_service(to(visit::nowhere)));
    let tool = || page("page_api_test", api_test::visit);
    let tools = scope(TEST_TOOL).route("", tool()).route("/hiproapi_test", tool());
    config.service(tools.default_service(to(visit::nowhere)));
}
