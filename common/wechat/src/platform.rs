//! Third-party platforms: how an account comes to authorise one. What follows from that, tokens for
//! the account, is in [`crate::credentials`].

use std::fmt;

use bytes::Bytes;
use serde_json::Value;
use tokio::time::Instant;
use url::Url;
use wxgate_secret::Secret;

use crate::answer::{Answer, whole};
use crate::bases::below;
use crate::call::{CallError, post, with_query};
use crate::client::WeChat;
use crate::error::WeChatError;

/// Which kinds of account the authorization page offers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum AccountKind {
    /// Official accounts.
    #[default]
    Official,
    /// Mini programs.
    MiniProgram,
    /// Both.
    Both,
}

impl AccountKind {
    /// WeChat's `auth_type`.
    const fn auth_type(self) -> &'static str {
        match self {
            Self::Official => "1",
            Self::MiniProgram => "2",
            Self::Both => "3",
        }
    }
}

/// An account has authorised the platform.
#[derive(Clone)]
pub struct Authorisation {
    /// The account's app id.
    pub app_id: String,
    /// To be stored as `wxgate_token::TokenStore` says, before any token is asked for with it.
    pub refresh_token: Secret,
    /// WeChat's numbers of what the account allows the platform.
    pub functions: Vec<u64>,
}

impl fmt::Debug for Authorisation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Authorisation")
            .field("app_id", &self.app_id)
            .field("functions", &self.functions)
            .finish_non_exhaustive()
    }
}

impl WeChat {
    /// A code for one visit to [`Self::authorization_page_url`]; it lives ten minutes at least.
    ///
    /// # Errors
    /// [`WeChatError`].
    pub async fn pre_auth_code(
        &self,
        component_appid: &str,
        deadline: Instant,
    ) -> Result<String, WeChatError> {
        let request = serde_json::json!({ "component_appid": component_appid });
        let url = &self.endpoints().pre_auth_code;
        let answer = self.ask_as_platform(component_appid, url, &request, deadline).await?;
        Ok(answer.text("pre_auth_code").ok_or(CallError::Unreadable)?.to_owned())
    }

    /// Where an account's administrator is sent to authorise the platform. The browser comes back
    /// to `redirect_uri` with `auth_code`, for [`Self::query_auth`].
    #[must_use]
    pub fn authorization_page_url(
        &self,
        component_appid: &str,
        pre_auth_code: &str,
        redirect_uri: &str,
        accounts: AccountKind,
    ) -> Url {
        let query = [
            ("component_appid", component_appid),
            ("pre_auth_code", pre_auth_code),
            ("redirect_uri", redirect_uri),
            ("auth_type", accounts.auth_type()),
        ];
        with_query(&below(&self.bases().mp, "/cgi-bin/componentloginpage"), &query)
    }

    /// Redeems the code of an authorisation: from the page's `auth_code`, or from WeChat's push.
    ///
    /// # Errors
    /// [`WeChatError`]; 61009 and 61010 are codes that are unknown or over.
    pub async fn query_auth(
        &self,
        component_appid: &str,
        authorization_code: &str,
        deadline: Instant,
    ) -> Result<Authorisation, WeChatError> {
        let request = serde_json::json!({
            "component_appid": component_appid,
            "authorization_code": authorization_code,
        });
        let url = &self.endpoints().query_auth;
        let answer = self.ask_as_platform(component_appid, url, &request, deadline).await?;
        read(&answer).ok_or(WeChatError::Call(CallError::Unreadable))
    }

    pub(crate) async fn ask_as_platform(
        &self,
        component_appid: &str,
        url: &Url,
        request: &Value,
        deadline: Instant,
    ) -> Result<Answer, WeChatError> {
        let body = Bytes::from(request.to_string());
        self.as_platform(component_appid)
            .ask(deadline, |token| Ok(post(url, &[("component_access_token", token.expose())], body.clone())))
            .await
    }
}

/// The access token that comes along is not used: the keeper asks for one of its own.
fn read(answer: &Answer) -> Option<Authorisation> {
    let info = answer.field("authorization_info")?;
    let text = |name: &str| info.get(name)?.as_str().filter(|text| !text.is_empty());
    let granted = info.get("func_info").and_then(Value::as_array).into_iter().flatten();
    Some(Authorisation {
        app_id: text("authorizer_appid")?.to_owned(),
        refresh_token: Secret::new(text("authorizer_refresh_token")?),
        functions: granted.filter_map(|one| whole(one.get("funcscope_category")?.get("id")?)).collect(),
    })
}
