//! The documented interfaces as their callers know them: each asked by its path, its answer compared
//! with the document's, and followed to what came of it in the simulated WeChat.
//!
//! Media have their own scenarios in `media`; what becomes of a template message has `sends`.

use wxgate_sandbox::{APP_ID, AppChange, CardGiven, CardReceipt, Control, PushTarget, Setting};
use wxgate_tests::{Gateway, Pairing, Plan};

use crate::support::{asked, data, text, ticket};

mod card_making;
mod cards;
mod members;
mod messages;
mod platform;
mod pushes;
mod qrcodes;
mod receipts;
mod refusals;
mod repeats;
mod secrets;
mod short_links;
mod springboards;

/// Signs pushes.
const PUSH_TOKEN: &str = "token";
/// Encrypts them.
const AES_KEY: &str = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG";

/// A gateway that WeChat pushes its app's events to, encrypted.
async fn with_pushes(pairing: Pairing) -> Gateway {
    let plan = Plan::new(pairing).app("--event-token", PUSH_TOKEN).app("--aes-key", AES_KEY);
    let gateway = plan.start().await;
    let address = format!("{}/wx_service/event/{APP_ID}", gateway.caller.base);
    let push = Setting::Set(PushTarget::new(address, PUSH_TOKEN).encrypted(AES_KEY));
    gateway.wechat.change_app(APP_ID, AppChange { push, ..AppChange::default() }).unwrap();
    gateway
}

/// Whether it looks like a key or a short link's name of ours.
fn is_key(text: &str) -> bool {
    text.len() == 32 && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

/// A user takes a card in WeChat.
fn taken(wechat: &Control, card_id: &str) -> CardGiven {
    wechat.receive_card(&CardReceipt { card_id: card_id.to_owned(), ..CardReceipt::default() }).unwrap()
}
