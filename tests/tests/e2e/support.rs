//! What several scenarios say.

use std::time::Duration;

use serde_json::Value;
use wxgate_sandbox::{Call, CallFilter, Control, Message, MessageFilter};
use wxgate_tests::{Answer, Caller, Gateway, visit};

/// Where template messages go.
pub const SEND: &str = "/cgi-bin/message/template/send";

/// SQL that lets all tokens be old enough to be renewed.
pub const TOKENS_ARE_OLD: &str = "UPDATE tokens SET stored_at = stored_at - 120000";

/// Longer than anything here should take.
pub const PATIENCE: Duration = Duration::from_mins(1);

/// Calls to send a template message, whatever became of them.
pub fn sends(wechat: &Control) -> Vec<Call> {
    wechat.calls(&CallFilter { path: Some(SEND.to_owned()), limit: 100_000, ..CallFilter::default() }).entries
}

/// How many calls to this path there were, whatever became of them.
pub fn calls(wechat: &Control, path: &str) -> usize {
    wechat.calls(&CallFilter { path: Some(path.to_owned()), ..CallFilter::default() }).total
}

/// Messages that reached this user.
pub fn reached(wechat: &Control, openid: &str) -> Vec<Message> {
    let filter =
        MessageFilter { touser: Some(openid.to_owned()), limit: 100_000, ..MessageFilter::default() };
    wechat.messages(&filter).entries
}

/// Messages that reached anybody.
pub fn reached_all(wechat: &Control) -> usize {
    wechat.messages(&MessageFilter { limit: 100_000, ..MessageFilter::default() }).total
}

/// Waits until WeChat has seen something.
pub async fn until(wechat: &Control, what: &str, seen: impl Fn(&Control) -> bool) {
    assert!(wechat.until(PATIENCE, seen).await, "not within a minute: {what}");
}

/// Lets time pass for jobs that wait for their next attempt.
pub async fn hurry(gateway: &Gateway) {
    gateway.database.execute("UPDATE jobs SET due_at = 0 WHERE state = 'queued'").await;
}

/// `data` of a success, which says nothing else.
pub fn data(answer: Answer) -> Value {
    assert_eq!((answer.status, answer.retcode, answer.msg.as_str()), (200, 200, ""), "{answer:?}");
    answer.data
}

/// What this caller is answered to this.
pub async fn asked(caller: &Caller, interface: &str, params: &[(&str, &str)]) -> Value {
    data(caller.call(interface, params).await)
}

/// A field that holds text.
pub fn text<'v>(value: &'v Value, name: &str) -> &'v str {
    value[name].as_str().unwrap_or_else(|| panic!("no text '{name}' in {value}"))
}

/// The ticket that WeChat gives to whoever has this access token; nobody, when the token is no good.
pub async fn ticket(gateway: &Gateway, access_token: &str, kind: &str) -> Option<String> {
    let path = "cgi-bin/ticket/getticket";
    let url = format!("{}/{path}?access_token={access_token}&type={kind}", gateway.wechat_url());
    let told: Value = serde_json::from_str(&visit(&url).await.html).unwrap();
    told["ticket"].as_str().map(str::to_owned)
}
