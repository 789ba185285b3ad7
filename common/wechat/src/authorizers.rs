//! The accounts that have authorised a third-party platform, as WeChat lists them.

use serde_json::Value;
use tokio::time::Instant;
use wxgate_secret::Secret;

use crate::call::CallError;
use crate::client::WeChat;
use crate::error::WeChatError;

/// Accounts asked for at once: the most that WeChat documents.
const PAGE: usize = 500;
/// A list that does not end by then is left: 20,000 accounts.
const MOST_PAGES: usize = 40;

impl WeChat {
    /// The refresh token of an account that has authorised the platform, from WeChat's list: for when
    /// the code of its authorisation is spent, and what it was worth is not known. `None`: the account
    /// is not listed.
    ///
    /// # Errors
    /// [`WeChatError`].
    pub async fn listed_refresh_token(
        &self,
        component_appid: &str,
        app_id: &str,
        deadline: Instant,
    ) -> Result<Option<Secret>, WeChatError> {
        let mut seen = 0;
        for _page in 0..MOST_PAGES {
            let list = self.authorizers(component_appid, seen, deadline).await?;
            if let Some(found) = list.iter().find_map(|account| refresh_token(account, app_id)) {
                return Ok(Some(found));
            }
            // A page may be shorter than asked for, so only an empty one is the end.
            if list.is_empty() {
                return Ok(None);
            }
            seen += list.len();
        }
        Ok(None)
    }

    async fn authorizers(
        &self,
        component_appid: &str,
        offset: usize,
        deadline: Instant,
    ) -> Result<Vec<Value>, WeChatError> {
        let request =
            serde_json::json!({ "component_appid": component_appid, "offset": offset, "count": PAGE });
        let url = &self.endpoints().authorizer_list;
        let answer = self.ask_as_platform(component_appid, url, &request, deadline).await?;
        Ok(answer.field("list").and_then(Value::as_array).ok_or(CallError::Unreadable)?.clone())
    }
}

fn refresh_token(account: &Value, app_id: &str) -> Option<Secret> {
    let text = |name: &str| account.get(name)?.as_str().filter(|text| !text.is_empty());
    let token = text("refresh_token")?;
    (text("authorizer_appid")? == app_id).then(|| Secret::new(token))
}
