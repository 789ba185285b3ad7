//! `/wx_service/oauth_snsapi_base` and `…_userinfo`: where WeChat sends the browser back to, with a code.
//!
//! The code is redeemed once, what WeChat tells of the user is kept under the springboard's key, and the
//! browser goes on to the address that the caller stored. WeChat's browser likes to ask twice at once and
//! to hang up on the first; so a login, once begun, is completed whether or not anybody still listens.

mod user;

use std::borrow::Cow;
use std::sync::Arc;
use std::time::Duration;

use actix_web::HttpResponse;
use futures_util::future::LocalBoxFuture;
use tokio::time::{Instant, sleep};
use url::Url;
use wxgate_store::model::springboard::{Login, LoginEnd, Purpose, Springboard};
use wxgate_store::{Store, StoreError};
use wxgate_wechat::WeChat;

use super::board::is_key;
use super::fault::Fault;
use super::frame::redirect;
use super::visit::Visit;
use crate::springboard::{KEY, new_key};
use crate::surely::surely;
use crate::uri::{web_address, with_param, with_scheme};
use user::user;

/// The longest code that is taken (bytes). WeChat's have 32.
const LONGEST_CODE: usize = 512;
/// How long WeChat may take for its two answers, the second of which is asked for again if need be.
const WECHAT_WITHIN: Duration = Duration::from_secs(8);
/// How long storing what it said may take (the code is spent then), or that it came to nothing.
const STORED_WITHIN: Duration = Duration::from_secs(10);
/// How long one process may take for a login before another may try: longer than both.
const HOLD: Duration = Duration::from_secs(20);
/// How long a second request waits for the first. Visitors give up about then.
const PATIENCE: Duration = Duration::from_secs(15);
/// How often it looks. The first may be at another process, which nobody here hears of.
const LOOK_EVERY: Duration = Duration::from_millis(200);

/// What the browser came back with.
struct Returned {
    oauth_type: String,
    state: String,
    code: String,
    /// Of an app on a third-party platform.
    app: Option<String>,
}

impl Returned {
    fn of(visit: &Visit) -> Result<Self, Fault> {
        let state = visit.param("state").filter(|state| is_key(state)).ok_or(Fault::LoginOver)?;
        let code = visit.param("code").ok_or(Fault::LoginRefused)?;
        if code.len() > LONGEST_CODE {
            return Err(Fault::LoginOver);
        }
        let path = visit.request.path();
        let oauth_type = path.rsplit('/').next().unwrap_or_default().to_owned();
        let app = visit.param("appid").map(Cow::into_owned);
        Ok(Self { oauth_type, state: state.into_owned(), code: code.into_owned(), app })
    }

    /// Whether it fits the login that its state stands for. All of it is WeChat's to send, so what does
    /// not fit was made up.
    fn fits(&self, board: &Springboard) -> bool {
        let Purpose::Login { oauth_type, .. } = &board.purpose else { return false };
        self.oauth_type == *oauth_type && self.app.as_ref().is_none_or(|app| *app == board.app)
    }
}

pub(super) fn visit(visit: &Visit) -> LocalBoxFuture<'_, Result<HttpResponse, Fault>> {
    Box::pin(complete(visit))
}

async fn complete(visit: &Visit) -> Result<HttpResponse, Fault> {
    let returned = Returned::of(visit)?;
    let store = Arc::clone(&visit.gateway.store);
    let work = |wechat: Arc<WeChat>| async move { destination(store.as_ref(), &wechat, &returned).await };
    let url = visit.gateway.ask_wechat(work).await??;
    Ok(redirect(&url))
}

async fn destination(store: &dyn Store, wechat: &WeChat, returned: &Returned) -> Result<Url, Fault> {
    // Before anything is written: what strangers make up costs a look, and holds up no login.
    let board = store.springboard(&returned.state).await.map_err(Fault::of_store)?;
    if !board.is_some_and(|board| returned.fits(&board)) {
        return Err(Fault::LoginOver);
    }
    match turn(store, returned).await? {
        Login::Yours(board) => log_in(store, wechat, returned, &board).await,
        Login::Repeat { redirect } => web_address(&redirect).ok_or(Fault::NoAddress),
        Login::Busy => Err(Fault::StillBusy),
        Login::Used | Login::Unknown => Err(Fault::LoginOver),
    }
}

/// The right to complete the login, or what became of it at whoever had the right.
async fn turn(store: &dyn Store, returned: &Returned) -> Result<Login, Fault> {
    let until = Instant::now() + PATIENCE;
    loop {
        let login = store.begin_login(&returned.state, &returned.code, HOLD).await;
        match login.map_err(Fault::of_store)? {
            Login::Busy if Instant::now() < until => sleep(LOOK_EVERY).await,
            login => return Ok(login),
        }
    }
}

/// Completes the login, or gives the right to it back: the visitor may come again with a new code, and a
/// code that was made up holds up nobody.
async fn log_in(
    store: &dyn Store,
    wechat: &WeChat,
    returned: &Returned,
    board: &Springboard,
) -> Result<Url, Fault> {
    match ask(wechat, returned, board).await {
        Ok((url, end)) => finish(store, returned, &end).await.map(|()| url).map_err(Fault::of_store),
        Err(fault) => {
            release(store, returned).await;
            Err(fault)
        }
    }
}

/// Where the visitor goes, and what is kept of the login.
async fn ask(wechat: &WeChat, returned: &Returned, board: &Springboard) -> Result<(Url, LoginEnd), Fault> {
    let Purpose::Login { redirect_uri, oauth_type, bind } = &board.purpose else {
        return Err(Fault::LoginOver);
    };
    let bound = bind.then(new_key);
    let url = destination_of(redirect_uri, bound.as_deref().unwrap_or(&board.key))?;
    let by = Instant::now() + WECHAT_WITHIN;
    let user = user(wechat, &board.app, oauth_type, &returned.code, by).await.map_err(Fault::of_wechat)?;
    let end = LoginEnd { user, redirect: url.to_string(), bound };
    Ok((url, end))
}

/// The caller's page, told the key that the user's data is kept under.
fn destination_of(redirect_uri: &str, key: &str) -> Result<Url, Fault> {
    web_address(&with_param(&with_scheme(redirect_uri), KEY, key)).ok_or(Fault::NoAddress)
}

async fn finish(store: &dyn Store, returned: &Returned, end: &LoginEnd) -> Result<(), StoreError> {
    surely(STORED_WITHIN, || store.finish_login(&returned.state, &returned.code, end)).await
}

/// What is not released lapses.
async fn release(store: &dyn Store, returned: &Returned) {
    let released = surely(STORED_WITHIN, || store.release_login(&returned.state, &returned.code)).await;
    if let Err(error) = released {
        tracing::warn!(error = &error as &dyn std::error::Error, "login.not_released");
    }
}
