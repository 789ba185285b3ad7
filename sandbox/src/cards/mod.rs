//! Cards (卡券): kinds of card that apps create, and the copies of them that users hold.
//!
//! `deck` is the state, `kind` one kind of card, `copy` what one user holds of it. The endpoints:
//! `create` (checked by `draft`), `stock`, `deposit`, `spread`, `lookup`, `redeem`, `member`. What
//! users do in WeChat itself (`wallet`) is done over the controls, as are reviews.

mod choose;
mod colors;
mod copy;
mod create;
mod deck;
mod deposit;
mod draft;
mod encrypted;
mod kind;
mod lookup;
mod member;
mod ready_made;
mod receive;
mod redeem;
mod spread;
mod stock;
mod wallet;

pub use choose::CardChoice;
pub(crate) use choose::choose;
pub use copy::UserCardStatus;
pub(crate) use deck::Cards;
pub use kind::{CardShown, CardStatus};
pub use ready_made::{CARD_ID, MEMBER_CARD_ID};
pub(crate) use receive::receive;
pub use receive::{CardExt, CardReceipt};
pub use wallet::CardGiven;

use serde_json::{Map, Value, json};

use crate::endpoint::Endpoint;
use crate::errcode::{CARD_ID_MISSING, Refusal, SERIAL_CODE_MISSING};
use crate::reply::Reply;

/// The endpoints below `/card`.
pub(crate) const ENDPOINTS: &[Endpoint] = &[
    Endpoint::post("/card/create", create::create),
    Endpoint::post("/card/get", lookup::get),
    Endpoint::post("/card/batchget", lookup::batch_get),
    Endpoint::post("/card/modifystock", stock::modify),
    Endpoint::post("/card/qrcode/create", spread::qrcode),
    Endpoint::post("/card/landingpage/create", spread::landing_page),
    Endpoint::post("/card/mpnews/gethtml", spread::html),
    Endpoint::post("/card/testwhitelist/set", spread::whitelist),
    Endpoint::post("/card/code/deposit", deposit::deposit),
    Endpoint::post("/card/code/getdepositcount", deposit::count),
    Endpoint::post("/card/code/checkcode", deposit::check),
    Endpoint::post("/card/code/consume", redeem::consume),
    Endpoint::post("/card/code/unavailable", redeem::unavailable),
    Endpoint::post("/card/code/decrypt", redeem::decrypt),
    Endpoint::post("/card/code/get", lookup::code),
    Endpoint::post("/card/user/getcardlist", lookup::of_user),
    Endpoint::post("/card/membercard/activate", member::activate),
    Endpoint::post("/card/membercard/updateuser", member::update),
];

/// Longest code and membership number, in characters (documented: 20).
const LONGEST_CODE: usize = 20;

/// Success with these fields beside `errcode` and `errmsg`.
fn success(fields: &Value) -> Value {
    let mut body = json!({"errcode": 0, "errmsg": "ok"});
    if let (Some(body), Some(fields)) = (body.as_object_mut(), fields.as_object()) {
        body.extend(fields.clone());
    }
    body
}

/// Success that changed something, with nothing more to say.
fn done() -> Reply {
    Reply::done(&success(&Value::Null))
}

/// A field that is a text with something in it.
fn text<'a>(body: &'a Map<String, Value>, name: &str) -> Option<&'a str> {
    body.get(name).and_then(Value::as_str).filter(|text| !text.is_empty())
}

fn card_id(body: &Map<String, Value>) -> Result<&str, Refusal> {
    text(body, "card_id").ok_or_else(|| CARD_ID_MISSING.into())
}

fn code(body: &Map<String, Value>) -> Result<&str, Refusal> {
    text(body, "code").ok_or_else(|| SERIAL_CODE_MISSING.into())
}
