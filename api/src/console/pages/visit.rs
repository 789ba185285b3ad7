//! One request's way: whether its browser may come in, what is done for it, the page that says why not.

use actix_web::http::StatusCode;
use actix_web::http::header::{COOKIE as COOKIES, HeaderValue, SET_COOKIE};
use actix_web::web::Payload;
use actix_web::{HttpRequest, HttpResponse};
use askama::Template;
use url::form_urlencoded;
use wxgate_store::clock::now_ms;

use super::super::access::{COOKIE, Origins, Session};
use super::super::form::Form;
use super::super::query::Query;
use super::super::trouble::Trouble;
use super::super::{Console, PATH};
use super::frame::{Frame, redirect};
use super::{fault, words};
use crate::language::Language;

/// Remembers which language was chosen.
const LANGUAGE: &str = "wxgate_language";

/// A request of somebody who is logged in.
pub(super) struct Visit {
    pub(super) session: Session,
    pub(super) query: Query,
    pub(super) frame: Frame,
}

impl Visit {
    /// Answers with a page.
    pub(super) fn show(&self, page: &impl Template) -> Result<HttpResponse, Trouble> {
        self.frame.respond(StatusCode::OK, page)
    }
}

/// Where a change leads to: a page below the console's own address, which then says that it was `done`.
pub(super) fn shown_at(path: &str, done: &str) -> HttpResponse {
    redirect(&format!("{PATH}{path}?done={done}"))
}

/// Does what a page is asked for, for those who are logged in; sends others to log in first.
pub(super) async fn visit(
    request: &HttpRequest,
    console: &Console,
    section: &'static str,
    work: impl AsyncFnOnce(&Visit) -> Result<HttpResponse, Trouble>,
) -> HttpResponse {
    let language = language(request, console);
    if !console.access.origins.is_own_name(request) {
        return fault::page(&Trouble::ForeignName, &Frame::outside(language));
    }
    let Some(session) = session(request, console) else {
        return redirect(&login_for(request));
    };
    let frame = Frame {
        token: console.access.sessions.form_token(&session),
        section,
        switch: switch(request, language),
        ..Frame::outside(language)
    };
    let query = Query::parse(request.query_string());
    let notice = query.get("done").map_or("", |name| words::notice(name, language));
    let visit = Visit { session, query, frame: Frame { notice, ..frame } };
    let mut response = match work(&visit).await {
        Ok(response) => response,
        Err(trouble) => fault::page(&trouble, &visit.frame),
    };
    let now = now_ms() / 1000;
    if visit.session.is_stale(now) && !response.headers().contains_key(SET_COOKIE) {
        remember(&mut response, request, console, &visit.session);
    }
    if visit.query.get("lang").is_some() {
        set_cookie(&mut response, &format!("{LANGUAGE}={}; Max-Age=31536000", language.tag()));
    }
    response
}

/// The same for a form that changes something: it must come from one of our own pages and carry the
/// session's token.
pub(super) async fn change(
    request: &HttpRequest,
    console: &Console,
    payload: Payload,
    work: impl AsyncFnOnce(&Visit, &Form) -> Result<HttpResponse, Trouble>,
) -> HttpResponse {
    visit(request, console, "", async |visit| {
        if !Origins::is_own_page(request) {
            return Err(Trouble::Forged);
        }
        let form = Form::read(request, payload).await?;
        let token = form.get("token").unwrap_or_default();
        if !console.access.sessions.is_form_token(&visit.session, token) {
            return Err(Trouble::Forged);
        }
        work(visit, &form).await
    })
    .await
}

/// Gives the browser the cookie of its session, used now.
pub(super) fn remember(
    response: &mut HttpResponse,
    request: &HttpRequest,
    console: &Console,
    session: &Session,
) {
    let now = now_ms() / 1000;
    let value = console.access.sessions.write(session, now);
    let secure = if console.access.origins.is_https(request) { "; Secure" } else { "" };
    set_cookie(response, &format!("{COOKIE}={value}; Max-Age={}{secure}", session.left(now)));
}

/// Takes it away.
pub(super) fn forget(response: &mut HttpResponse) {
    set_cookie(response, &format!("{COOKIE}=; Max-Age=0"));
}

/// The session of the browser, while it lasts.
pub(super) fn session(request: &HttpRequest, console: &Console) -> Option<Session> {
    console.access.sessions.read(cookie(request, COOKIE)?, now_ms() / 1000)
}

/// In which language the browser is answered: as the page's switch says, or said before, or as it asks.
pub(super) fn language(request: &HttpRequest, console: &Console) -> Language {
    let query = Query::parse(request.query_string());
    let chosen = query.get("lang").or_else(|| cookie(request, LANGUAGE));
    match chosen {
        Some("zh-CN" | "zh") => Language::Chinese,
        Some("en") => Language::English,
        _ => console.language.of_page(request),
    }
}

/// The same page in the other language. What was just done is not said twice.
fn switch(request: &HttpRequest, language: Language) -> String {
    let other = language.pick("en", "zh");
    let query = Query::parse(request.query_string()).without("done").with("lang", other);
    format!("{}?{query}", request.path())
}

/// The page to log in at, which leads back to where the browser wanted to go.
fn login_for(request: &HttpRequest) -> String {
    let wanted = if request.method() == actix_web::http::Method::GET {
        request.uri().path_and_query().map_or(PATH, |wanted| wanted.as_str())
    } else {
        PATH
    };
    let query = form_urlencoded::Serializer::new(String::new()).append_pair("to", wanted).finish();
    format!("{PATH}/login?{query}")
}

fn cookie<'r>(request: &'r HttpRequest, name: &str) -> Option<&'r str> {
    let all = request.headers().get_all(COOKIES).filter_map(|header| header.to_str().ok());
    let mut pairs = all.flat_map(|header| header.split(';')).filter_map(|pair| pair.trim().split_once('='));
    pairs.find(|(known, _)| *known == name).map(|(_, value)| value)
}

fn set_cookie(response: &mut HttpResponse, cookie: &str) {
    let cookie = format!("{cookie}; Path={PATH}; HttpOnly; SameSite=Strict");
    // Ours are all ASCII.
    if let Ok(value) = HeaderValue::from_str(&cookie) {
        response.headers_mut().append(SET_COOKIE, value);
    }
}
