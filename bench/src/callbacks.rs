//! Receives the gateway's callbacks and checks the signatures of a sample.

use crate::http::{Message, json_answer, number_after, position};
use crate::ledger::{Callback, Ledger};
use crate::request::CALLBACK_PATH;
use crate::signature::{authcode, decode_form};

/// Of this many callbacks one has its signature checked: enough to notice a wrong one, and little work.
const SAMPLE: u64 = 16;

/// Enters a callback in the ledger and answers it. `target` is the request's path and query.
#[must_use]
pub fn answer(target: &str, callback: &Message, secret: &str, ledger: &Ledger) -> Vec<u8> {
    match number_after(target.as_bytes(), CALLBACK_PATH.as_bytes()) {
        Some(number) => ledger.called_back(number, read(number, target, &callback.body, secret)),
        None => ledger.stray(),
    }
    json_answer("{}")
}

fn read(number: u64, target: &str, body: &[u8], secret: &str) -> Callback {
    Callback {
        id: number_after(body, b"send_id="),
        succeeded: position(body, b"state=succeeded").is_some(),
        signature: number.is_multiple_of(SAMPLE).then(|| is_signed(target, body, secret)),
    }
}

/// Whether the authcode in `target` is that of the form in `body`.
fn is_signed(target: &str, body: &[u8], secret: &str) -> bool {
    let claimed = target.split(['?', '&']).find_map(|part| part.strip_prefix("authcode="));
    let expected = decode_form(body).map(|parameters| authcode(&parameters, secret));
    claimed.is_some() && claimed == expected.as_deref()
}

#[cfg(test)]
mod tests {
    use super::*;

    const BODY: &[u8] = b"job_id=42&send_id=42&state=succeeded&errmsg=ok";

    #[test]
    fn a_callback_is_signed_with_the_callback_secret() {
        let right = authcode(
            &[("job_id", "42"), ("send_id", "42"), ("state", "succeeded"), ("errmsg", "ok")],
            "whsec_x",
        );
        assert!(is_signed(&format!("/callback/0?authcode={right}"), BODY, "whsec_x"));
        assert!(!is_signed(&format!("/callback/0?authcode={right}"), BODY, "whsec_y"));
        assert!(!is_signed("/callback/0", BODY, "whsec_x"));
        assert!(!is_signed(&format!("/callback/0?authcode={right}"), b"job_id=43", "whsec_x"));
    }

    #[test]
    fn a_sample_is_checked_and_everything_is_read() {
        let sampled = read(32, "/callback/32", BODY, "whsec_x");
        assert_eq!((sampled.id, sampled.succeeded, sampled.signature), (Some(42), true, Some(false)));
        assert_eq!(read(33, "/callback/33", b"state=failed", "whsec_x").signature, None);
        assert!(!read(33, "/callback/33", b"state=failed", "whsec_x").succeeded);
    }
}
