//! Template messages: what a send must look like, and the ledger of those that reached a user.

mod ledger;
mod message;
mod request;
mod rules;

pub(crate) use ledger::Ledger;
pub(crate) use message::Kept;
pub use message::Message;
pub(crate) use request::has_unicode_escape;

use serde_json::json;

use crate::apps::{Account, App, DuplicateAnswer, SEND_PATH};
use crate::endpoint::{Endpoint, Verb, app_by_token};
use crate::errcode::{
    CLIENT_MSG_ID_EXISTS, INVALID_OPENID, INVALID_TEMPLATE_ID, REPEATED_MSG_ID, REQUIRE_SUBSCRIBE, Refusal,
    TEMPLATE_ID_SIZE,
};
use crate::pushes;
use crate::reply::Reply;
use crate::session::Session;
use ledger::Posted;
use request::Send;

/// Lengths that an unregistered template id can have without being absurd, in bytes: real ones have
/// 43, registered ones are right whatever their length.
const LIKELY_ID_LENGTHS: std::ops::RangeInclusive<usize> = 8..=64;

/// `POST /cgi-bin/message/template/send`.
pub(crate) const SEND: Endpoint =
    Endpoint { path: SEND_PATH, verb: Verb::Post, has_secrets: false, app_of: app_by_token, answer: send };

fn send(session: &Session<'_>) -> Result<Reply, Refusal> {
    let account = session.authenticate()?;
    session.meter(&account, SEND_PATH)?;
    let app = account.app();
    let send = request::parse(session.call, app.refuse_unicode_escapes)?;
    check_recipient(&app, &send)?;
    check_template(&app, &send)?;
    post(session, &account, &app, &send)
}

fn check_recipient(app: &App, send: &Send) -> Result<(), Refusal> {
    if app.subscribers.contains(&send.touser) {
        Ok(())
    } else if app.unfollowers.contains(&send.touser) {
        Err(REQUIRE_SUBSCRIBE.into())
    } else {
        Err(INVALID_OPENID.into())
    }
}

fn check_template(app: &App, send: &Send) -> Result<(), Refusal> {
    match app.templates.get(&send.template_id) {
        Some(template) => rules::check(template, &send.data),
        None if LIKELY_ID_LENGTHS.contains(&send.template_id.len()) => Err(INVALID_TEMPLATE_ID.into()),
        None => Err(TEMPLATE_ID_SIZE.into()),
    }
}

fn post(session: &Session<'_>, account: &Account, app: &App, send: &Send) -> Result<Reply, Refusal> {
    let may_send = || account.meters.lock().message(app, &send.touser, session.now);
    match session.state.ledger.post(&account.id, send, session.now, may_send)? {
        Posted::New { msgid } => {
            let after_push = pushes::tell(session, app, &send.touser, msgid);
            Ok(Reply { after_push, ..Reply::done(&success(msgid)) })
        }
        Posted::Repeat { first } => answer_repeat(app.duplicate_answer, first),
    }
}

fn answer_repeat(answer: DuplicateAnswer, first: u64) -> Result<Reply, Refusal> {
    match answer {
        DuplicateAnswer::FirstMsgid => Ok(Reply::unchanged(&success(first))),
        DuplicateAnswer::RepeatedMsgId => Err(REPEATED_MSG_ID.into()),
        DuplicateAnswer::ClientMsgIdExists => Err(Refusal::from(CLIENT_MSG_ID_EXISTS).with("msg_id", first)),
    }
}

fn success(msgid: u64) -> serde_json::Value {
    json!({"errcode": 0, "errmsg": "ok", "msgid": msgid})
}
