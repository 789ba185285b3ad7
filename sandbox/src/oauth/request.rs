//! A link to the login page, checked as WeChat checks it: by a pattern, order included.

use url::Url;

use crate::apps::App;
use crate::session::Session;

/// The parameters in the only order that WeChat takes; the last two may be left out.
const ORDER: &[&str] =
    &["appid", "redirect_uri", "response_type", "scope", "state", "forcePopup", "component_appid"];
const REQUIRED: usize = 5;
/// Longest state, in bytes (documented: 128).
const LONGEST_STATE: usize = 128;

/// What a login is to give.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Scope {
    /// The openid, without asking.
    Base,
    /// Name and picture as well, after asking.
    UserInfo,
}

impl Scope {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Base => "snsapi_base",
            Self::UserInfo => "snsapi_userinfo",
        }
    }
}

/// A link that is right.
#[derive(Debug)]
pub(super) struct Request<'a> {
    pub(super) app_id: &'a str,
    pub(super) redirect_uri: &'a str,
    pub(super) scope: Scope,
    pub(super) state: &'a str,
    pub(super) component: Option<&'a str>,
}

/// What the page says instead, with the number that WeChat gives it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct PageError {
    pub(super) number: u32,
    pub(super) sentence: &'static str,
}

fn fail<T>(number: u32, sentence: &'static str) -> Result<T, PageError> {
    Err(PageError { number, sentence })
}

/// Reads the link's query.
pub(super) fn parse<'a>(session: &Session<'a>) -> Result<Request<'a>, PageError> {
    let call = session.call;
    let needed = |name: &str, number: u32, sentence: &'static str| {
        call.query(name).ok_or(PageError { number, sentence })
    };
    let app_id = needed("appid", 10012, "appid is empty")?;
    let redirect_uri = needed("redirect_uri", 10011, "redirect_uri is empty")?;
    let scope = needed("scope", 10010, "scope is empty; an unescaped redirect_uri does that, too")?;
    let state = needed("state", 10013, "state is empty")?;
    check_pattern(session)?;
    let scope = match scope {
        "snsapi_base" => Scope::Base,
        "snsapi_userinfo" => Scope::UserInfo,
        _ => return fail(10005, "the account has no right to this scope"),
    };
    if state.len() > LONGEST_STATE || !state.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        return fail(10005, "state has letters and digits, 128 at most");
    }
    let component = call.query("component_appid");
    let account = session.state.accounts.find(app_id);
    let account = account.ok_or(PageError { number: 40013, sentence: "there is no such appid" })?;
    check_host(&account.app(), redirect_uri)?;
    if component.is_some_and(|component| !session.state.platforms.is_authorized(component, app_id)) {
        return fail(10015, "the account has not authorised this platform");
    }
    Ok(Request { app_id, redirect_uri, scope, state, component })
}

fn check_pattern(session: &Session<'_>) -> Result<(), PageError> {
    let names: Vec<&str> = session.call.queries().map(|(name, _)| name).collect();
    let mut order = ORDER.iter();
    let in_order = names.iter().all(|name| order.any(|expected| expected == name));
    let has_required = names.get(..REQUIRED).is_some_and(|first| first == &ORDER[..REQUIRED]);
    if !in_order || !has_required {
        return fail(10005, "the parameters are others, or in another order, than the document's");
    }
    // Behind a '#' it never gets here.
    let has_fragment = session.call.queries().any(|(_, value)| value.contains("#wechat_redirect"));
    if has_fragment || session.call.query("response_type") != Some("code") {
        return fail(10005, "response_type is code, and #wechat_redirect comes behind the query");
    }
    Ok(())
}

fn check_host(app: &App, redirect_uri: &str) -> Result<(), PageError> {
    let uri = Url::parse(redirect_uri).ok().filter(|uri| matches!(uri.scheme(), "http" | "https"));
    let is_registered = uri.is_some_and(|uri| match &app.web_domains {
        None => true,
        Some(domains) => uri.port().is_none() && uri.host_str().is_some_and(|host| domains.contains(host)),
    });
    if is_registered { Ok(()) } else { fail(10003, "the host of redirect_uri is not the registered one") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::apps::APP_ID;
    use crate::courier::Courier;
    use crate::incoming::Incoming;
    use crate::state::Shared;

    fn number(query: &str) -> Option<u32> {
        let runtime = tokio::runtime::Builder::new_current_thread().build().ok()?;
        let shared = Shared::new(1, 1, Courier::new(runtime.handle().clone()));
        let query = query.replace("APP", APP_ID);
        let call = Incoming::local("GET", &format!("/connect/oauth2/authorize?{query}"), "");
        Some(parse(&Session::new(&shared.state(), &call)).err().map_or(0, |error| error.number))
    }

    #[test]
    fn a_link_is_checked_by_a_pattern() {
        let long_state = "x".repeat(129);
        let long = format!(
            "appid=APP&redirect_uri=http%3A%2F%2Fa&response_type=code&scope=snsapi_base&state={long_state}"
        );
        let good = "appid=APP&redirect_uri=http%3A%2F%2Fa&response_type=code&scope=snsapi_base&state=s1";
        let and_popup = format!("{good}&forcePopup=true");
        let and_more = format!("{good}&x=1");
        let with_component = format!("{good}&component_appid=wx5andbc0mp000001");
        let cases = [
            (good, 0),
            (&and_popup, 0),
            (&and_more, 10005),
            (&with_component, 10015),
            ("appid=&redirect_uri=http%3A%2F%2Fa&response_type=code&scope=snsapi_base&state=s", 10012),
            ("appid=APP&response_type=code&scope=snsapi_base&state=s", 10011),
            ("appid=APP&redirect_uri=http%3A%2F%2Fa&response_type=code&scope=&state=s", 10010),
            ("appid=APP&redirect_uri=http%3A%2F%2Fa&response_type=code&scope=snsapi_base", 10013),
            ("redirect_uri=http%3A%2F%2Fa&appid=APP&response_type=code&scope=snsapi_base&state=s", 10005),
            ("appid=APP&redirect_uri=http%3A%2F%2Fa&scope=snsapi_base&response_type=code&state=s", 10005),
            ("appid=APP&redirect_uri=http%3A%2F%2Fa&response_type=token&scope=snsapi_base&state=s", 10005),
            ("appid=APP&redirect_uri=http%3A%2F%2Fa&response_type=code&scope=snsapi_login&state=s", 10005),
            ("appid=APP&redirect_uri=http%3A%2F%2Fa&response_type=code&scope=snsapi_base&state=a-b", 10005),
            (&long, 10005),
            ("appid=wx0&redirect_uri=http%3A%2F%2Fa&response_type=code&scope=snsapi_base&state=s", 40013),
            ("appid=APP&redirect_uri=ftp%3A%2F%2Fa&response_type=code&scope=snsapi_base&state=s", 10003),
            (
                "appid=APP&redirect_uri=http%3A%2F%2Fa&response_type=code&scope=snsapi_base&state=s%23wechat_redirect",
                10005,
            ),
        ];
        for (query, expected) in cases {
            assert_eq!(number(query), Some(expected), "{query}");
        }
    }
}
