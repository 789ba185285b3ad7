//! Logging in and out.

use actix_web::http::StatusCode;
use actix_web::web::{Data, Payload};
use actix_web::{HttpRequest, HttpResponse};
use askama::Template;
use wxgate_store::clock::now_ms;

use super::super::access::{Origins, Sessions};
use super::super::form::Form;
use super::super::query::Query;
use super::super::trouble::Trouble;
use super::super::{Console, PATH};
use super::frame::{Frame, redirect};
use super::{fault, visit};

#[derive(Template)]
#[template(path = "console/login.html")]
struct LoginPage<'a> {
    frame: &'a Frame,
    /// Why the last try failed.
    sentence: String,
    /// Where it leads to.
    to: &'a str,
}

/// The form.
pub(super) async fn visit(request: HttpRequest, console: Data<Console>) -> HttpResponse {
    let frame = Frame::outside(visit::language(&request, &console));
    if !console.access.origins.is_own_name(&request) {
        return fault::page(&Trouble::ForeignName, &frame);
    }
    let query = Query::parse(request.query_string());
    let to = own(query.shown("to"));
    if visit::session(&request, &console).is_some() {
        return redirect(to);
    }
    asked(&frame, StatusCode::OK, String::new(), to)
}

/// What was typed into it.
pub(super) async fn enter(request: HttpRequest, console: Data<Console>, payload: Payload) -> HttpResponse {
    let frame = Frame::outside(visit::language(&request, &console));
    match judge(&request, &console, payload).await {
        Ok((session, to)) => {
            let mut response = redirect(own(&to));
            visit::remember(&mut response, &request, &console, &session);
            response
        }
        Err((trouble @ Trouble::Access(_), to)) => {
            let (_, sentence) = trouble.words(frame.language);
            let mut response = asked(&frame, trouble.status(), sentence, own(&to));
            trouble.mark(&mut response);
            response
        }
        Err((trouble, _)) => fault::page(&trouble, &frame),
    }
}

async fn judge(
    request: &HttpRequest,
    console: &Console,
    payload: Payload,
) -> Result<(super::super::access::Session, String), (Trouble, String)> {
    let nowhere = |trouble| (trouble, String::new());
    if !console.access.origins.is_own_name(request) {
        return Err(nowhere(Trouble::ForeignName));
    }
    if !Origins::is_own_page(request) {
        return Err(nowhere(Trouble::Forged));
    }
    let form = Form::read(request, payload).await.map_err(nowhere)?;
    let to = form.get("to").unwrap_or_default().to_owned();
    match console.access.knows(request, form.get("admin_token").unwrap_or_default()) {
        Ok(()) => {
            tracing::info!(address = %super::super::access::sender(request), "console.logged_in");
            Ok((Sessions::begin(now_ms() / 1000), to))
        }
        Err(refused) => Err((refused.into(), to)),
    }
}

/// Ends the session.
pub(super) async fn leave(request: HttpRequest, console: Data<Console>, payload: Payload) -> HttpResponse {
    visit::change(&request, &console, payload, async |_, _| {
        if let Some(session) = visit::session(&request, &console) {
            console.access.sessions.end(&session, now_ms() / 1000);
        }
        let mut response = redirect(&format!("{PATH}/login"));
        visit::forget(&mut response);
        Ok(response)
    })
    .await
}

fn asked(frame: &Frame, status: StatusCode, sentence: String, to: &str) -> HttpResponse {
    let page = LoginPage { frame, sentence, to };
    frame.respond(status, &page).unwrap_or_else(|trouble| fault::page(&trouble, frame))
}

/// The way to one of our own pages; nobody is sent elsewhere from here.
fn own(to: &str) -> &str {
    let rest = to.strip_prefix(PATH);
    let is_own = rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(['/', '?']))
        && to.bytes().all(|byte| byte.is_ascii_graphic());
    if is_own { to } else { PATH }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn logging_in_leads_to_no_other_site() {
        for to in ["/console", "/console/jobs?state=failed&q=a%26b", "/console?x"] {
            assert_eq!(own(to), to);
        }
        for to in
            ["", "https://evil.example", "//evil.example", "/consoles", "/console\r\nX: 1", "/console/ü"]
        {
            assert_eq!(own(to), PATH, "{to}");
        }
    }
}
