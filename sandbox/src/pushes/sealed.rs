//! A push ready to go: its address with the signature, and its body.

use reqwest::Url;

use super::address::{Address, PushMode, Recipient};
use super::xml::cdata;
use crate::chance::Chance;
use crate::signature::sign;

/// Longest wait for an answer, in milliseconds (documented: 5 s).
const ANSWER_WITHIN_MS: u64 = 5_000;

/// What is to be pushed.
#[derive(Clone, Debug)]
pub(crate) struct Letter {
    /// The app, or the platform, that it is for.
    pub(crate) app: String,
    /// What it is, for the log: the event, or the kind of message.
    pub(crate) what: String,
    /// The user that it comes from.
    pub(crate) openid: Option<String>,
    pub(crate) xml: String,
}

/// How it is to be pushed.
#[derive(Clone, Debug)]
pub(crate) struct Manner {
    /// Another mode than the address' own.
    pub(crate) mode: Option<PushMode>,
    pub(crate) wrong_signature: bool,
    /// Real time from now to the first attempt.
    pub(crate) delay_ms: u64,
    pub(crate) answer_within_ms: u64,
}

impl Default for Manner {
    fn default() -> Self {
        Self { mode: None, wrong_signature: false, delay_ms: 0, answer_within_ms: ANSWER_WITHIN_MS }
    }
}

/// The three things that a signature is made of, and it.
pub(super) struct Stamp {
    timestamp: String,
    nonce: String,
    signature: String,
}

impl Stamp {
    pub(super) fn new(token: &str, now_s: i64, chance: &Chance) -> Self {
        let (timestamp, nonce) = (now_s.to_string(), chance.digits(10));
        let signature = sign([token, &timestamp, &nonce]);
        Self { timestamp, nonce, signature }
    }

    fn of_sealed(&self, token: &str, sealed: &str) -> String {
        sign([token, &self.timestamp, &self.nonce, sealed])
    }

    pub(super) fn append_to(&self, url: &mut Url) {
        url.query_pairs_mut()
            .append_pair("signature", &self.signature)
            .append_pair("timestamp", &self.timestamp)
            .append_pair("nonce", &self.nonce);
    }
}

/// A push as it goes over the wire.
#[derive(Clone, Debug)]
pub(super) struct Sealed {
    pub(super) url: Url,
    pub(super) body: String,
}

/// Signs a letter and, when the mode says so, encrypts it.
pub(super) fn seal(
    letter: &Letter,
    address: &Address,
    manner: &Manner,
    now_s: i64,
    chance: &Chance,
) -> Sealed {
    // Signed with another token than the receiver knows.
    let token = if manner.wrong_signature { format!("not-{}", address.token) } else { address.token.clone() };
    let stamp = Stamp::new(&token, now_s, chance);
    let mut url = address.url.clone();
    stamp.append_to(&mut url);
    if let Some(openid) = &letter.openid {
        url.query_pairs_mut().append_pair("openid", openid);
    }
    let mode = manner.mode.unwrap_or(address.mode);
    let Some(key) = address.key.as_ref().filter(|_| mode != PushMode::Plain) else {
        return Sealed { url, body: letter.xml.clone() };
    };
    let random: [u8; 16] = chance.word(16).into_bytes().try_into().unwrap_or_default();
    let sealed = key.seal(&random, letter.xml.as_bytes(), &address.sealed_for);
    url.query_pairs_mut()
        .append_pair("encrypt_type", "aes")
        .append_pair("msg_signature", &stamp.of_sealed(&token, &sealed));
    let encrypt = format!("<Encrypt>{}</Encrypt>", cdata(&sealed));
    let body = match (mode, &address.recipient) {
        (PushMode::Compatible, _) => beside(&letter.xml, &encrypt),
        (_, Recipient::Account(name)) => wrapped("ToUserName", name, &encrypt),
        (_, Recipient::Platform(app_id)) => wrapped("AppId", app_id, &encrypt),
    };
    Sealed { url, body }
}

fn wrapped(element: &str, recipient: &str, encrypt: &str) -> String {
    format!("<xml><{element}>{}</{element}>{encrypt}</xml>", cdata(recipient))
}

fn beside(xml: &str, encrypt: &str) -> String {
    let open = xml.trim_end().strip_suffix("</xml>").unwrap_or(xml);
    format!("{open}{encrypt}</xml>")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chance::Chance;

    #[test]
    fn a_signature_is_over_token_time_and_nonce() {
        let vector = sign(["invented_token", "1700000000", "1234567890"]);
        assert_eq!(vector, "1f690dd2021f108a47718678a7c2e8cb0dbcf40b");

        let stamp = Stamp::new("t", 1_700_000_000, &Chance::seeded(1));
        assert_eq!(stamp.signature, sign([stamp.nonce.as_str(), "1700000000", "t"]));
    }
}
