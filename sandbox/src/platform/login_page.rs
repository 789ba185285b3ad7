//! The page on which an account's administrator authorises a platform. WeChat has it on
//! `mp.weixin.qq.com` and asks for a scan; here a button for each account does.

use std::fmt::Write;

use url::{Url, form_urlencoded};

use super::events::{CODE_LIFE_S, authorize};
use crate::html::{escape, page};
use crate::reply::Reply;
use crate::session::Session;

/// Accounts that the page offers.
const MOST_ACCOUNTS: usize = 50;

pub(super) fn show(session: &Session<'_>) -> Reply {
    match check(session) {
        Err(sentence) => refuse(&sentence),
        Ok(component) => {
            let mut body = format!("<p>{} asks for your account's rights.</p>\n", escape(component));
            for app in session.state.accounts.all().iter().take(MOST_ACCOUNTS) {
                let query = form_urlencoded::Serializer::new(String::new())
                    .extend_pairs(session.call.queries())
                    .append_pair("authorizer_appid", &app.app_id)
                    .finish();
                let id = escape(&app.app_id);
                // A String takes whatever is written.
                let _ = writeln!(
                    body,
                    "<p><a id=\"{id}\" href=\"/cgi-bin/componentloginpage/approve?{}\">Authorise as {id}</a></p>",
                    escape(&query)
                );
            }
            Reply::page(page("Authorise a third-party platform", &body))
        }
    }
}

pub(super) fn approve(session: &Session<'_>) -> Reply {
    approved(session).unwrap_or_else(|sentence| refuse(&sentence))
}

fn approved(session: &Session<'_>) -> Result<Reply, String> {
    let component = check(session)?;
    let call = session.call;
    let app = call.query("authorizer_appid").unwrap_or_default();
    let account = session.state.accounts.find(app).ok_or("There is no such account.")?;
    let pre_auth_code = call.query("pre_auth_code").unwrap_or_default();
    session.state.platforms.with(component, |platform| platform.pre_auth_codes.remove(pre_auth_code));
    let (code, _) = authorize(session.state, component, &account, pre_auth_code)
        .map_err(|refused| refused.to_string())?;
    let mut back = redirect_uri(session)?;
    back.query_pairs_mut()
        .append_pair("auth_code", &code)
        .append_pair("expires_in", &CODE_LIFE_S.to_string());
    Ok(Reply { took_effect: true, ..Reply::redirect(back.into()) })
}

/// The component that asks, if everything about the link is right.
fn check<'a>(session: &Session<'a>) -> Result<&'a str, String> {
    let component = session.call.query("component_appid").ok_or("component_appid is missing.")?;
    let code = session.call.query("pre_auth_code").ok_or("pre_auth_code is missing.")?;
    let found = session.state.platforms.with(component, |platform| {
        platform.pre_auth_codes.find(code, session.now).map(|((), is_over)| is_over)
    });
    match found {
        None => return Err("There is no such platform.".to_owned()),
        Some(None) => return Err("The pre-authorisation code is unknown, or was used.".to_owned()),
        Some(Some(true)) => return Err("The pre-authorisation code is too old.".to_owned()),
        Some(Some(false)) => {}
    }
    redirect_uri(session).map(|_| component)
}

fn redirect_uri(session: &Session<'_>) -> Result<Url, String> {
    let uri = session.call.query("redirect_uri").and_then(|uri| Url::parse(uri).ok());
    let uri = uri.filter(|uri| matches!(uri.scheme(), "http" | "https"));
    uri.ok_or_else(|| "redirect_uri is no http or https address.".to_owned())
}

fn refuse(sentence: &str) -> Reply {
    Reply::page(page("Authorisation failed", &format!("<p>{}</p>", escape(sentence))))
}
