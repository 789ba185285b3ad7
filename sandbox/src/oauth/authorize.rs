//! What a user's browser sees: nothing but a redirect, or a page that asks for consent.

use url::form_urlencoded;

use super::request::{PageError, Request, Scope, parse};
use crate::html::{escape, page};
use crate::reply::Reply;
use crate::session::Session;

/// Length of a code; real ones have 32 characters.
const CODE_LENGTH: usize = 32;

/// `snsapi_base` leads straight back, `snsapi_userinfo` asks first.
pub(super) fn authorize(session: &Session<'_>) -> Reply {
    on_a_good_link(session, |request| match request.scope {
        Scope::Base => back_with_code(session, request),
        Scope::UserInfo => consent_page(session, request),
    })
}

/// The user let the app know.
pub(super) fn allow(session: &Session<'_>) -> Reply {
    on_a_good_link(session, |request| back_with_code(session, request))
}

/// The user did not: WeChat leads back with the state alone.
pub(super) fn refuse(session: &Session<'_>) -> Reply {
    on_a_good_link(session, |request| Reply::redirect(back(request, &[])))
}

fn on_a_good_link(session: &Session<'_>, work: impl FnOnce(&Request<'_>) -> Reply) -> Reply {
    match parse(session) {
        Ok(request) => work(&request),
        Err(error) => error_page(error),
    }
}

fn back_with_code(session: &Session<'_>, request: &Request<'_>) -> Reply {
    let code = session.state.chance.word(CODE_LENGTH);
    let openid = visitor(session, request);
    session.state.logins.allow(code.clone(), request, openid, session.now);
    Reply { took_effect: true, ..Reply::redirect(back(request, &[("code", &code)])) }
}

/// Who sits at the browser.
fn visitor(session: &Session<'_>, request: &Request<'_>) -> String {
    let account = session.state.accounts.find(request.app_id);
    account.map_or_else(String::new, |account| account.app().visitor.clone())
}

/// The caller's address with the parameters added, everything else of it kept as it came. Through a
/// platform WeChat adds the account's appid.
fn back(request: &Request<'_>, parameters: &[(&str, &str)]) -> String {
    let (address, fragment) = match request.redirect_uri.split_once('#') {
        Some((address, fragment)) => (address, format!("#{fragment}")),
        None => (request.redirect_uri, String::new()),
    };
    let mut query = form_urlencoded::Serializer::new(String::new());
    query.extend_pairs(parameters).append_pair("state", request.state);
    if request.component.is_some() {
        query.append_pair("appid", request.app_id);
    }
    let joint = if address.contains('?') { '&' } else { '?' };
    format!("{address}{joint}{}{fragment}", query.finish())
}

fn consent_page(session: &Session<'_>, request: &Request<'_>) -> Reply {
    let query = form_urlencoded::Serializer::new(String::new()).extend_pairs(session.call.queries()).finish();
    let query = escape(&query);
    let body = format!(
        "<p>{app} asks for your name and picture. You are {user}.</p>\n\
         <p><a id=\"allow\" href=\"/connect/oauth2/authorize/allow?{query}\">Allow</a></p>\n\
         <p><a id=\"refuse\" href=\"/connect/oauth2/authorize/refuse?{query}\">Refuse</a></p>",
        app = escape(request.app_id),
        user = escape(&visitor(session, request)),
    );
    Reply::page(page("Log in with WeChat", &body))
}

fn error_page(error: PageError) -> Reply {
    let body = format!("<p>Error code: {}</p>\n<p>{}</p>", error.number, escape(error.sentence));
    Reply::page(page("The login failed", &body))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_way_back_keeps_what_the_callers_address_has() {
        let led = |redirect_uri, component| {
            let request = Request { app_id: "wx1", redirect_uri, scope: Scope::Base, state: "s", component };
            back(&request, &[("code", "c")])
        };
        assert_eq!(led("http://a/b", None), "http://a/b?code=c&state=s");
        assert_eq!(led("http://a/b?x=%20y#top", None), "http://a/b?x=%20y&code=c&state=s#top");
        assert_eq!(led("http://a/", Some("wxc")), "http://a/?code=c&state=s&appid=wx1");
    }
}
