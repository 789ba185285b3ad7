//! Logins of users in WeChat's browser: where it is sent, and what its code is worth.

use std::fmt;

use tokio::time::Instant;
use url::Url;
use wxgate_secret::Secret;

use crate::answer::Answer;
use crate::authorised::accepted;
use crate::bases::below;
use crate::call::{CallError, exchange, get, with_query};
use crate::client::WeChat;
use crate::directory::App;
use crate::errcode::Family;
use crate::error::WeChatError;

/// What a login tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Scope {
    /// The openid, without the user noticing.
    Base,
    /// Name and picture as well, when the user agrees.
    UserInfo,
}

impl Scope {
    /// WeChat's word.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Base => "snsapi_base",
            Self::UserInfo => "snsapi_userinfo",
        }
    }
}

/// In which language WeChat names places.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Language {
    /// Simplified Chinese.
    #[default]
    Simplified,
    /// Traditional Chinese.
    Traditional,
    /// English.
    English,
}

impl Language {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Simplified => "zh_CN",
            Self::Traditional => "zh_TW",
            Self::English => "en",
        }
    }
}

/// A user is logged in. `Debug` does not show who.
#[derive(Clone)]
pub struct Login {
    /// The user, to this app.
    pub openid: String,
    /// The user, to all apps of one owner; not always there.
    pub unionid: Option<String>,
    /// For [`WeChat::user_info`] alone: no other interface takes it.
    pub web_token: Secret,
    /// What the user agreed to, in WeChat's words.
    pub scope: String,
    /// A visitor of a snapshot of the page: the user is made up.
    pub is_snapshot: bool,
}

impl fmt::Debug for Login {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Login").field("scope", &self.scope).finish_non_exhaustive()
    }
}

impl WeChat {
    /// Where a browser is sent to log in to the app, through its platform if it has one. It comes
    /// back to `redirect_uri` with `code` and `state` (a platform's with `appid`, too), or with
    /// `state` alone when the user declines. `state` is letters and digits, 128 at most.
    ///
    /// # Errors
    /// [`WeChatError::UnknownApp`].
    pub fn login_url(
        &self,
        app_id: &str,
        redirect_uri: &str,
        scope: Scope,
        state: &str,
    ) -> Result<Url, WeChatError> {
        let app = self.apps().app(app_id).ok_or(WeChatError::UnknownApp)?;
        // WeChat checks the link with a pattern: this order, and this fragment.
        let mut query = vec![
            ("appid", app_id),
            ("redirect_uri", redirect_uri),
            ("response_type", "code"),
            ("scope", scope.as_str()),
            ("state", state),
        ];
        query.extend(app.platform.as_ref().map(|platform| ("component_appid", &*platform.component_appid)));
        let mut url = with_query(&below(&self.bases().open, "/connect/oauth2/authorize"), &query);
        url.set_fragment(Some("wechat_redirect"));
        Ok(url)
    }

    /// Redeems the `code` that a browser came back with, through the app's platform if it has one.
    /// A code works once, for 5 minutes.
    ///
    /// # Errors
    /// [`WeChatError`]; 40029 and 40163 are codes that are unknown or were used. After an ambiguous
    /// failure ([`CallError::is_ambiguous`]) the code may be spent.
    pub async fn redeem_login(
        &self,
        app_id: &str,
        code: &str,
        deadline: Instant,
    ) -> Result<Login, WeChatError> {
        let app = self.apps().app(app_id).ok_or(WeChatError::UnknownApp)?;
        let answer = match &app.platform {
            None => self.redeem_own(&app, code, deadline).await?,
            Some(platform) => self.redeem_through(&platform.component_appid, app_id, code, deadline).await?,
        };
        read(&answer).ok_or(WeChatError::Call(CallError::Unreadable))
    }

    /// What the user lets the app know, as WeChat answers it: `openid`, `nickname`, `sex`,
    /// `headimgurl` and more. For logins with [`Scope::UserInfo`].
    ///
    /// # Errors
    /// [`WeChatError`].
    pub async fn user_info(
        &self,
        login: &Login,
        language: Language,
        deadline: Instant,
    ) -> Result<Answer, WeChatError> {
        let query = [
            ("access_token", login.web_token.expose()),
            ("openid", &login.openid),
            ("lang", language.as_str()),
        ];
        let request = get(&self.endpoints().user_info, &query);
        accepted(Family::Login, exchange(self.http(), Family::Login, request, deadline).await?)
    }

    async fn redeem_own(&self, app: &App, code: &str, deadline: Instant) -> Result<Answer, WeChatError> {
        let secret = app.secret.as_ref().ok_or(WeChatError::UnknownApp)?;
        let query = [
            ("appid", app.app_id.as_str()),
            ("secret", secret.expose()),
            ("code", code),
            ("grant_type", "authorization_code"),
        ];
        let request = get(&self.endpoints().login, &query);
        accepted(Family::Login, exchange(self.http(), Family::Login, request, deadline).await?)
    }

    async fn redeem_through(
        &self,
        component_appid: &str,
        app_id: &str,
        code: &str,
        deadline: Instant,
    ) -> Result<Answer, WeChatError> {
        let url = &self.endpoints().component_login;
        let platform = self.as_platform(component_appid);
        platform
            .ask(deadline, |token| {
                let query = [
                    ("appid", app_id),
                    ("code", code),
                    ("grant_type", "authorization_code"),
                    ("component_appid", component_appid),
                    ("component_access_token", token.expose()),
                ];
                Ok(get(url, &query))
            })
            .await
    }
}

fn read(answer: &Answer) -> Option<Login> {
    let owned = |name| answer.text(name).map(str::to_owned);
    Some(Login {
        openid: owned("openid")?,
        unionid: owned("unionid"),
        web_token: Secret::new(answer.text("access_token")?),
        scope: owned("scope").unwrap_or_default(),
        is_snapshot: answer.whole("is_snapshotuser") == Some(1),
    })
}
