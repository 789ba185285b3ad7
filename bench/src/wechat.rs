//! The cheapest WeChat that a gateway can work with: any app gets a token, every message is taken.

use crate::backlog::FIRST_NUMBER;
use crate::http::{Message, json_answer};
use crate::ledger::Ledger;
use crate::request::number_in_message;

/// What the paths of WeChat's interface begin with.
pub const PATH: &str = "/cgi-bin/";
/// Begins the paths under which a token is got: `token` and, in its newer form, `stable_token`.
const TOKEN_PATHS: [&str; 2] = ["/cgi-bin/token", "/cgi-bin/stable_token"];
const SEND_PATH: &str = "/cgi-bin/message/template/send";
/// The first msgid: 19 digits, as WeChat's have.
const FIRST_MSGID: u64 = 3_600_000_000_000_000_000;

/// The answer to one call; a message is entered in the ledger.
#[must_use]
pub fn answer(path: &str, call: &Message, ledger: &Ledger) -> Vec<u8> {
    if TOKEN_PATHS.iter().any(|token| path.starts_with(token)) {
        json_answer(r#"{"access_token":"BENCH_ACCESS_TOKEN","expires_in":7200}"#)
    } else if path.starts_with(SEND_PATH) {
        take(call, ledger)
    } else {
        json_answer(r#"{"errcode":43101,"errmsg":"the load tool knows no such interface"}"#)
    }
}

/// Whether this path is that of a message, which is answered after a delay.
#[must_use]
pub fn is_message(path: &str) -> bool {
    path.starts_with(SEND_PATH)
}

fn take(call: &Message, ledger: &Ledger) -> Vec<u8> {
    let Some(number) = number_in_message(&call.body) else {
        ledger.stray();
        return json_answer(r#"{"errcode":40003,"errmsg":"not an openid of the load tool"}"#);
    };
    if number >= FIRST_NUMBER {
        ledger.backlog_messaged();
    } else {
        ledger.messaged(number);
    }
    let msgid = FIRST_MSGID + number % FIRST_NUMBER;
    json_answer(&format!(r#"{{"errcode":0,"errmsg":"ok","msgid":{msgid}}}"#))
}
