//! Customer-service messages and the typing mark: what a send must look like, when it may go out,
//! and what reached users.

mod conversations;
mod request;
mod window;

pub use conversations::CustomMessage;
pub(crate) use conversations::{Conversations, Kept};
pub use window::Contact;

use serde_json::json;

use crate::apps::{Account, App, CUSTOM_SEND_PATH};
use crate::endpoint::Endpoint;
use crate::errcode::{
    INVALID_CARD_ID, INVALID_MEDIA_ID, INVALID_OPENID, OPENID_MISSING, OUT_OF_TIME, Refusal, TYPING_ALREADY,
    TYPING_COMMAND, TYPING_NO_CONTACT,
};
use crate::reply::Reply;
use crate::session::Session;

/// `POST /cgi-bin/message/custom/send`.
pub(crate) const SEND: Endpoint = Endpoint::post(CUSTOM_SEND_PATH, send);

/// `POST /cgi-bin/message/custom/typing`.
pub(crate) const TYPING: Endpoint = Endpoint::post("/cgi-bin/message/custom/typing", typing);

fn send(session: &Session<'_>) -> Result<Reply, Refusal> {
    let account = session.authenticate()?;
    session.meter(&account, CUSTOM_SEND_PATH)?;
    let app = account.app();
    let message = request::parse(session.call, app.refuse_unicode_escapes)?;
    check_recipient(&app, message.touser)?;
    check_card(session, &account, message.card_id)?;
    check_media(session, &account, &message.media)?;
    let conversations = &session.state.conversations;
    if app.reply_window {
        conversations.spend(&account.id, message.touser, session.now)?;
    }
    conversations.deliver(&account.id, &message, &session.call.body, session.now);
    Ok(ok())
}

fn check_recipient(app: &App, openid: &str) -> Result<(), Refusal> {
    if app.subscribers.contains(openid) {
        Ok(())
    } else if app.unfollowers.contains(openid) {
        Err(OUT_OF_TIME.into())
    } else {
        Err(INVALID_OPENID.into())
    }
}

/// A card can be sent when its codes are WeChat's own or were deposited.
fn check_card(session: &Session<'_>, account: &Account, card_id: Option<&str>) -> Result<(), Refusal> {
    match card_id {
        Some(card_id) if !session.state.cards.can_be_sent(&account.id, card_id) => {
            Err(INVALID_CARD_ID.into())
        }
        _ => Ok(()),
    }
}

/// Permanent media are not simulated: each has to be one that was uploaded and has not expired.
fn check_media(session: &Session<'_>, account: &Account, media: &[&str]) -> Result<(), Refusal> {
    let is_kept = |id: &&str| session.state.shelf.has(&account.id, id, session.now);
    if media.iter().all(is_kept) { Ok(()) } else { Err(INVALID_MEDIA_ID.into()) }
}

fn typing(session: &Session<'_>) -> Result<Reply, Refusal> {
    let account = session.authenticate()?;
    session.body()?;
    let app = account.app();
    let openid = session.call.touser().ok_or(OPENID_MISSING)?;
    if !app.knows(openid) {
        return Err(INVALID_OPENID.into());
    }
    let conversations = &session.state.conversations;
    match session.call.field("command") {
        Some("Typing") if app.reply_window && !conversations.is_talking(&account.id, openid, session.now) => {
            Err(TYPING_NO_CONTACT.into())
        }
        Some("Typing") if !conversations.begin_typing(&account.id, openid, session.now) => {
            Err(TYPING_ALREADY.into())
        }
        Some("Typing") => Ok(ok()),
        Some("CancelTyping") => {
            conversations.end_typing(&account.id, openid);
            Ok(ok())
        }
        _ => Err(TYPING_COMMAND.into()),
    }
}

fn ok() -> Reply {
    Reply::done(&json!({"errcode": 0, "errmsg": "ok"}))
}
