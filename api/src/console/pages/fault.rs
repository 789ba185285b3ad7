//! The pages for what did not go as wished.

use actix_web::http::StatusCode;
use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};
use askama::Template;

use super::super::Console;
use super::super::trouble::Trouble;
use super::frame::Frame;
use super::visit::visit;
use crate::language::Usual;

#[derive(Template)]
#[template(path = "console/fault.html")]
struct FaultPage<'a> {
    frame: &'a Frame,
    title: &'a str,
    sentence: &'a str,
    /// Whether there is a page to go back to.
    back: bool,
}

/// The page that says what is wrong.
pub(super) fn page(trouble: &Trouble, frame: &Frame) -> HttpResponse {
    trouble.log();
    let (title, sentence) = trouble.words(frame.language);
    let page = FaultPage { frame, title, sentence: &sentence, back: !frame.token.is_empty() };
    written(frame, trouble.status(), &page)
}

/// Where no page is.
pub(super) async fn nowhere(request: HttpRequest, console: Data<Console>) -> HttpResponse {
    visit(&request, &console, "", async |_| Err(Trouble::NoSuchPage)).await
}

/// Where no token is set.
pub(in super::super) async fn closed(request: HttpRequest, usual: Data<Usual>) -> HttpResponse {
    let language = usual.of_page(&request);
    let (title, sentence) = language.pick(
        ("控制台未开放", "设置 WXGATE_ADMIN_TOKEN 并重启进程后即可使用。"),
        ("The console is closed", "Set WXGATE_ADMIN_TOKEN and start the process anew to open it."),
    );
    let frame = Frame::outside(language);
    written(&frame, StatusCode::FORBIDDEN, &FaultPage { frame: &frame, title, sentence, back: false })
}

fn written(frame: &Frame, status: StatusCode, page: &FaultPage<'_>) -> HttpResponse {
    frame.respond(status, page).unwrap_or_else(|unwritable| {
        unwritable.log();
        HttpResponse::InternalServerError().finish()
    })
}
