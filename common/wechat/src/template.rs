//! Template messages.

use bytes::Bytes;
use tokio::time::Instant;

use crate::answer::Answer;
use crate::call::post;
use crate::client::WeChat;
use crate::errcode::{Class, Family, classify};
use crate::error::{Refusal, WeChatError};

/// WeChat has the message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sent {
    /// WeChat's id of the message, in decimal (its 19 digits exceed what a double holds). `None`
    /// when WeChat, having had the message before, does not name it.
    pub msgid: Option<String>,
    /// Whether WeChat says that it had the message before.
    pub duplicate: bool,
    /// As WeChat answered: 0, or for some duplicates another number.
    pub errcode: i64,
    /// As WeChat answered.
    pub errmsg: String,
}

impl WeChat {
    /// Sends a template message: `body` is the JSON that WeChat's `message/template/send` takes,
    /// in UTF-8, and passes through byte for byte. Sent again with the same `client_msg_id` within
    /// 10 minutes, the message still reaches its user once.
    ///
    /// `deadline` is checked immediately before the request is written, and nothing is waited for
    /// beyond it.
    ///
    /// # Errors
    /// [`WeChatError`]; [`crate::CallError::is_ambiguous`] tells when the message may have gone
    /// out all the same.
    pub async fn send_template(
        &self,
        app_id: &str,
        body: Bytes,
        deadline: Instant,
    ) -> Result<Sent, WeChatError> {
        let endpoint = &self.endpoints().template_send;
        let answer = self
            .as_app(app_id)
            .call(deadline, |token| Ok(post(endpoint, &[("access_token", token.expose())], body.clone())))
            .await?;
        read(&answer)
    }
}

fn read(answer: &Answer) -> Result<Sent, WeChatError> {
    let errcode = answer.errcode();
    let duplicate = errcode != 0;
    if duplicate && classify(Family::AppCall, errcode) != Class::AlreadyDone {
        return Err(WeChatError::Refused(Refusal::of(Family::AppCall, answer)));
    }
    // Duplicates of mass messages name the first one's id `msg_id`.
    let msgid = answer.whole("msgid").or_else(|| answer.whole("msg_id"));
    Ok(Sent { msgid: msgid.map(|id| id.to_string()), duplicate, errcode, errmsg: answer.errmsg().to_owned() })
}
