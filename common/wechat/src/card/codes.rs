//! Card codes of the merchant's own: bringing them in, counting and checking them, one batch at a
//! time.

use std::collections::HashSet;

use bytes::Bytes;
use serde_json::{Value, json};
use tokio::time::Instant;

use crate::answer::Answer;
use crate::call::CallError;
use crate::client::WeChat;
use crate::error::WeChatError;
use crate::passed_through::Endpoint;

/// The most codes that WeChat takes in one call, by its document.
pub const BATCH: usize = 100;

/// What became of codes that were deposited: each is in exactly one list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Deposit {
    /// These are in now.
    pub taken: Vec<String>,
    /// These had been in before.
    pub known: Vec<String>,
    /// These WeChat did not take.
    pub refused: Vec<String>,
}

/// Whether codes are in.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Presence {
    /// These are.
    pub there: Vec<String>,
    /// These are not.
    pub missing: Vec<String>,
}

impl WeChat {
    /// Brings in at most [`BATCH`] codes, none empty and none twice. Repeating it is harmless: what
    /// is in comes back as known.
    ///
    /// # Errors
    /// [`WeChatError`]; a refusal is for the whole batch.
    pub async fn deposit_codes(
        &self,
        app_id: &str,
        card_id: &str,
        codes: &[&str],
        deadline: Instant,
    ) -> Result<Deposit, WeChatError> {
        let body = batch(card_id, codes);
        let answer = self.ask_json(app_id, Endpoint::DepositCardCodes, body, deadline).await?;
        Ok(Deposit::of(codes, &answer))
    }

    /// Whether at most [`BATCH`] codes are in.
    ///
    /// # Errors
    /// [`WeChatError`].
    pub async fn codes_present(
        &self,
        app_id: &str,
        card_id: &str,
        codes: &[&str],
        deadline: Instant,
    ) -> Result<Presence, WeChatError> {
        let body = batch(card_id, codes);
        let answer = self.ask_json(app_id, Endpoint::CheckCardCodes, body, deadline).await?;
        Ok(Presence::of(codes, &answer))
    }

    /// How many codes of a card are in.
    ///
    /// # Errors
    /// [`WeChatError`].
    pub async fn codes_counted(
        &self,
        app_id: &str,
        card_id: &str,
        deadline: Instant,
    ) -> Result<u64, WeChatError> {
        let body = Bytes::from(json!({ "card_id": card_id }).to_string());
        let answer = self.ask_json(app_id, Endpoint::CountCardCodes, body, deadline).await?;
        answer.whole("count").ok_or(WeChatError::Call(CallError::Unreadable))
    }
}

/// The body for both calls that take a batch; see [`Endpoint::DepositCardCodes`] and
/// [`Endpoint::CheckCardCodes`].
#[must_use]
pub fn batch(card_id: &str, codes: &[&str]) -> Bytes {
    Bytes::from(json!({ "card_id": card_id, "code": codes }).to_string())
}

impl Deposit {
    /// WeChat's word on each code. Its document knows no lists, its SDKs do: without any of them all
    /// codes were taken, and one that no list names was not, where the others are named.
    fn of(codes: &[&str], answer: &Answer) -> Self {
        let taken = list(answer, "succ_code");
        let known = list(answer, "duplicate_code").unwrap_or_default();
        let refused = list(answer, "fail_code").unwrap_or_default();
        let is_taken = |code: &str| match &taken {
            Some(taken) => taken.contains(code),
            None => !refused.contains(code),
        };
        let mut deposit = Self::default();
        for code in codes {
            let list = match *code {
                code if known.contains(code) => &mut deposit.known,
                code if is_taken(code) => &mut deposit.taken,
                _ => &mut deposit.refused,
            };
            list.push((*code).to_owned());
        }
        deposit
    }
}

impl Presence {
    /// A code is there if WeChat names it as being there.
    fn of(codes: &[&str], answer: &Answer) -> Self {
        let named = list(answer, "exist_code").unwrap_or_default();
        let (there, missing) =
            codes.iter().map(|code| (*code).to_owned()).partition(|code| named.contains(code.as_str()));
        Self { there, missing }
    }
}

fn list<'a>(answer: &'a Answer, name: &str) -> Option<HashSet<&'a str>> {
    Some(answer.field(name)?.as_array()?.iter().filter_map(Value::as_str).collect())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use super::*;

    fn deposit(answer: &str) -> [String; 3] {
        let answer = Answer::read(Bytes::copy_from_slice(answer.as_bytes())).unwrap();
        let Deposit { taken, known, refused } = Deposit::of(&["a", "b", "c"], &answer);
        [taken, known, refused].map(|list| list.concat())
    }

    #[test]
    fn each_code_is_in_one_list_whichever_wechat_sends() {
        for (answer, lists) in [
            (r#"{"errcode":0}"#, ["abc", "", ""]),
            (r#"{"duplicate_code":["b"]}"#, ["ac", "b", ""]),
            (r#"{"fail_code":["c"]}"#, ["ab", "", "c"]),
            (r#"{"succ_code":["a"],"duplicate_code":["b"],"fail_code":["c"]}"#, ["a", "b", "c"]),
            (r#"{"succ_code":["a"]}"#, ["a", "", "bc"]),
            (r#"{"succ_code":[],"duplicate_code":["a","b","c"]}"#, ["", "abc", ""]),
            (r#"{"succ_code":null,"fail_code":[]}"#, ["abc", "", ""]),
        ] {
            assert_eq!(deposit(answer), lists, "{answer}");
        }
    }

    #[test]
    fn a_code_is_there_when_it_is_named() {
        let answer = r#"{"exist_code":["b"],"not_exist_code":["a"]}"#;
        let answer = Answer::read(Bytes::copy_from_slice(answer.as_bytes())).unwrap();
        let presence = Presence::of(&["a", "b", "c"], &answer);
        assert_eq!((presence.there.concat(), presence.missing.concat()), ("b".into(), "ac".into()));
    }
}
