//! What WeChat tells of a user who came back with a code.
//!
//! Redeeming spends the code, so it is asked once. Who the user is can be asked as often as needed, and is:
//! otherwise a moment's trouble at WeChat would cost a login that has succeeded.

use std::time::Duration;

use serde_json::{Map, Value, json};
use tokio::time::{Instant, sleep};
use wxgate_wechat::login::Language;
use wxgate_wechat::{Answer, CallError, Class, Login, WeChat, WeChatError};

/// After the first failure; doubled each time.
const FIRST_PAUSE: Duration = Duration::from_millis(100);

/// A JSON object.
pub(super) async fn user(
    wechat: &WeChat,
    app: &str,
    oauth_type: &str,
    code: &str,
    by: Instant,
) -> Result<String, WeChatError> {
    let login = wechat.redeem_login(app, code, by).await?;
    if oauth_type != "oauth_snsapi_userinfo" {
        return Ok(json!({ "openid": login.openid }).to_string());
    }
    let answer = user_info(wechat, &login, by).await?;
    Ok(documented(answer.fields().clone()).to_string())
}

async fn user_info(wechat: &WeChat, login: &Login, by: Instant) -> Result<Answer, WeChatError> {
    let mut pause = FIRST_PAUSE;
    loop {
        match wechat.user_info(login, Language::default(), by).await {
            Err(error) if passes(&error) && Instant::now() + pause < by => sleep(pause).await,
            end => return end,
        }
        pause *= 2;
    }
}

/// Whether the same question may be answered in a moment.
fn passes(error: &WeChatError) -> bool {
    match error {
        WeChatError::Refused(refusal) => refusal.class() == Class::Again,
        WeChatError::Call(CallError::NotSent(_)) => true,
        WeChatError::Call(error) => error.is_ambiguous(),
        WeChatError::UnknownApp | WeChatError::TokenTimeout | WeChatError::Token(_) => false,
    }
}

/// WeChat's fields as the document has them: `sex` is a text.
fn documented(mut fields: Map<String, Value>) -> Value {
    fields.retain(|name, _| !matches!(name.as_str(), "errcode" | "errmsg"));
    if let Some(sex @ Value::Number(_)) = fields.get_mut("sex") {
        *sex = Value::String(sex.to_string());
    }
    Value::Object(fields)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use super::*;

    #[test]
    fn sex_becomes_text_and_all_else_stays_as_wechat_wrote_it() {
        let fields = |text: &str| serde_json::from_str::<Map<String, Value>>(text).unwrap();
        let answer = r#"{"openid":"o1","nickname":"咖啡","sex":1,"privilege":["p"],"unionid":"u"}"#;
        let expected = r#"{"openid":"o1","nickname":"咖啡","sex":"1","privilege":["p"],"unionid":"u"}"#;
        assert_eq!(documented(fields(answer)).to_string(), expected);
        assert_eq!(documented(fields(expected)).to_string(), expected);
        let bare = documented(fields(r#"{"errcode":0,"errmsg":"ok","openid":"o1"}"#));
        assert_eq!(bare.to_string(), r#"{"openid":"o1"}"#);
    }
}
