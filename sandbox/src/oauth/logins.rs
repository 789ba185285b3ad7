//! What came of login pages: codes for apps to redeem, and the tokens that these were redeemed for.

use std::collections::VecDeque;

use parking_lot::Mutex;

use super::request::{Request, Scope};
use crate::clock::Moment;
use crate::errcode::{
    CODE_USED, INVALID_CREDENTIAL, INVALID_OAUTH_CODE, INVALID_WEB_REFRESH, Refusal, TOKEN_EXPIRED,
    WEB_REFRESH_EXPIRED,
};
use crate::expiring::Expiring;

/// How long a code works (documented: 5 minutes, once).
const CODE_LIFE_MS: i64 = 300_000;
/// How long a web token works (documented: 7200 s).
pub(super) const TOKEN_LIFE_S: i64 = 7200;
/// How long a refresh token works, used or not (documented: 30 days).
const REFRESH_LIFE_MS: i64 = 30 * 86_400_000;
/// Codes and logins remembered, of each the newest.
const REMEMBERED: usize = 10_000;

#[derive(Clone, Debug)]
struct Code {
    app: String,
    component: Option<String>,
    openid: String,
    scope: Scope,
    is_used: bool,
}

/// One login with its tokens.
#[derive(Clone, Debug)]
pub(super) struct Login {
    pub(super) openid: String,
    pub(super) scope: Scope,
    pub(super) access_token: String,
    pub(super) refresh_token: String,
    app: String,
    component: Option<String>,
    access_expires: Moment,
    refresh_expires: Moment,
}

/// Who redeems or refreshes: an app, by itself or through a platform.
#[derive(Clone, Copy, Debug)]
pub(super) struct Asker<'a> {
    pub(super) app: &'a str,
    pub(super) component: Option<&'a str>,
}

impl Asker<'_> {
    fn is(self, app: &str, component: Option<&str>) -> bool {
        self.app == app && self.component == component
    }
}

#[derive(Debug)]
struct Inner {
    codes: Expiring<Code>,
    logins: VecDeque<Login>,
}

/// All logins of all apps.
#[derive(Debug)]
pub(crate) struct Logins(Mutex<Inner>);

impl Default for Logins {
    fn default() -> Self {
        Self(Mutex::new(Inner { codes: Expiring::new(REMEMBERED), logins: VecDeque::new() }))
    }
}

impl Logins {
    /// A user let the app know who he is: `code` tells it.
    pub(super) fn allow(&self, code: String, request: &Request<'_>, openid: String, now: Moment) {
        let allowed = Code {
            app: request.app_id.to_owned(),
            component: request.component.map(str::to_owned),
            openid,
            scope: request.scope,
            is_used: false,
        };
        self.0.lock().codes.insert(code, allowed, now + CODE_LIFE_MS);
    }

    /// Redeems a code, once.
    pub(super) fn redeem(
        &self,
        code: &str,
        asker: Asker<'_>,
        now: Moment,
        mint: impl Fn() -> String,
    ) -> Result<Login, Refusal> {
        let mut inner = self.0.lock();
        let code = match inner.codes.find(code, now) {
            Some((code, _)) if !asker.is(&code.app, code.component.as_deref()) => None,
            Some((code, _)) if code.is_used => return Err(CODE_USED.into()),
            Some((code, false)) => Some(code),
            Some((_, true)) | None => None,
        };
        let code = code.ok_or(INVALID_OAUTH_CODE)?;
        code.is_used = true;
        let login = Login {
            openid: code.openid.clone(),
            scope: code.scope,
            access_token: mint(),
            refresh_token: mint(),
            app: code.app.clone(),
            component: code.component.clone(),
            access_expires: now + TOKEN_LIFE_S * 1000,
            refresh_expires: now + REFRESH_LIFE_MS,
        };
        inner.logins.push_back(login.clone());
        if inner.logins.len() > REMEMBERED {
            inner.logins.pop_front();
        }
        Ok(login)
    }

    /// Extends the web token while it lives, else makes another.
    pub(super) fn refresh(
        &self,
        refresh_token: &str,
        asker: Asker<'_>,
        now: Moment,
        mint: impl Fn() -> String,
    ) -> Result<Login, Refusal> {
        let mut inner = self.0.lock();
        let login = inner.logins.iter_mut().find(|login| login.refresh_token == refresh_token);
        let login = login.filter(|login| asker.is(&login.app, login.component.as_deref()));
        let login = login.ok_or(INVALID_WEB_REFRESH)?;
        if now >= login.refresh_expires {
            return Err(WEB_REFRESH_EXPIRED.into());
        }
        if now >= login.access_expires {
            login.access_token = mint();
        }
        login.access_expires = now + TOKEN_LIFE_S * 1000;
        Ok(login.clone())
    }

    /// Whose web token this is.
    pub(super) fn of_token(&self, access_token: &str, now: Moment) -> Result<Login, Refusal> {
        let inner = self.0.lock();
        let login = inner.logins.iter().find(|login| login.access_token == access_token);
        let login = login.ok_or(INVALID_CREDENTIAL)?;
        if now < login.access_expires { Ok(login.clone()) } else { Err(TOKEN_EXPIRED.into()) }
    }

    pub(super) fn app_of(&self, access_token: &str) -> Option<String> {
        let inner = self.0.lock();
        let login = inner.logins.iter().find(|login| login.access_token == access_token);
        login.map(|login| login.app.clone())
    }
}
