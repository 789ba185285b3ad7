//! What several scenarios say.

use std::time::Duration;

use wxgate_sandbox::{Call, CallFilter, Control, Message, MessageFilter};
use wxgate_tests::Gateway;

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
