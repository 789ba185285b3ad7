//! The documented interfaces as their callers know them: each asked by its path, its answer compared
//! with the document's, and followed to what came of it in the simulated WeChat.
//!
//! Media have their own scenarios in `media`; what becomes of a template message has `sends`.

use serde_json::Value;
use wxgate_sandbox::{APP_ID, AppChange, CardGiven, CardReceipt, Control, PushTarget, Setting};
use wxgate_tests::{Answer, Caller, Gateway, Pairing, Plan, visit};

mod cards;
mod members;
mod messages;
mod platform;
mod pushes;
mod qrcodes;
mod receipts;
mod refusals;
mod repeats;
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

/// `data` of a success, which says nothing else.
fn data(answer: Answer) -> Value {
    assert_eq!((answer.status, answer.retcode, answer.msg.as_str()), (200, 200, ""), "{answer:?}");
    answer.data
}

/// What this caller is answered to this.
async fn asked(caller: &Caller, interface: &str, params: &[(&str, &str)]) -> Value {
    data(caller.call(interface, params).await)
}

fn text<'v>(value: &'v Value, name: &str) -> &'v str {
    value[name].as_str().unwrap_or_else(|| panic!("no text '{name}' in {value}"))
}

/// Whether it looks like a key or a short link's name of ours.
fn is_key(text: &str) -> bool {
    text.len() == 32 && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

/// A user takes a card in WeChat.
fn taken(wechat: &Control, card_id: &str) -> CardGiven {
    wechat.receive_card(&CardReceipt { card_id: card_id.to_owned(), ..CardReceipt::default() }).unwrap()
}

/// The ticket that WeChat gives to whoever has this access token; nobody, when the token is no good.
async fn ticket(gateway: &Gateway, access_token: &str, kind: &str) -> Option<String> {
    let path = "cgi-bin/ticket/getticket";
    let url = format!("{}/{path}?access_token={access_token}&type={kind}", gateway.wechat_url());
    let told: Value = serde_json::from_str(&visit(&url).await.html).unwrap();
    told["ticket"].as_str().map(str::to_owned)
}
