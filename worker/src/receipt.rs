//! What a send's result says of its receipt, and what follows.

use std::time::Duration;

use serde_json::Value;
use wxgate_job::{Awaited, Failure, JobId, Outcome};
use wxgate_store::model::receipt::Delivery;

/// How long a receipt is waited for. WeChat pushes it within minutes, or never.
pub const WITHIN: Duration = Duration::from_hours(24);

/// The message id by which a receipt finds a send with this result, 0 when WeChat named none. `None`
/// once the receipt has come, and for results that are no send's.
#[must_use]
pub fn msgid_without_receipt(result: &str) -> Option<i64> {
    let result: Value = serde_json::from_str(result).ok()?;
    let msgid = result.get("msgid")?;
    let said = delivery(&result).is_some_and(|delivery| delivery != Delivery::Unknown);
    (!said).then(|| msgid.as_str().and_then(|id| id.parse().ok()).unwrap_or_default())
}

/// What becomes of a send that WeChat has just taken and whose caller wants to know of the receipt.
#[must_use]
pub fn wait_for(app: &str, job: JobId, result: Value) -> Outcome {
    let message = match result.get("msgid").and_then(Value::as_str) {
        Some(msgid) => msgid.to_owned(),
        // The receipt is then found by the user's openid, and the name only has to be unique.
        None => format!("job{job}"),
    };
    Outcome::Wait { result, awaited: Awaited(format!("receipt:{app}:{message}")), at_most: WITHIN }
}

/// How a send ends whose wait is over: as its receipt says, which the store has put into its result.
#[must_use]
pub fn end(result: &str) -> Outcome {
    let mut result: Value = serde_json::from_str(result).unwrap_or_default();
    match delivery(&result) {
        Some(Delivery::Success) => Outcome::Done(result),
        Some(Delivery::UserBlocked) => Outcome::GiveUp(Failure::new(
            "user_blocked",
            "WeChat took the message but did not deliver it: the user refuses messages of this account",
        )),
        Some(Delivery::SystemFailed) => Outcome::GiveUp(Failure::new(
            "system_failed",
            "WeChat took the message but could not deliver it, and says no more than that",
        )),
        Some(Delivery::Unknown) | None => {
            if let Some(members) = result.as_object_mut() {
                members.insert(Delivery::MEMBER.to_owned(), Value::from(Delivery::Unknown.as_str()));
            }
            Outcome::Done(result)
        }
    }
}

fn delivery(result: &Value) -> Option<Delivery> {
    result.get(Delivery::MEMBER).and_then(Value::as_str).and_then(Delivery::parse)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a failed test may panic")]

    use super::*;

    fn result(msgid: &str, delivery: &str) -> String {
        format!(r#"{{"errcode":0,"errmsg":"ok","msgid":{msgid},"delivery":{delivery}}}"#)
    }

    #[test]
    fn a_send_is_found_by_its_message_id_until_its_receipt_has_come() {
        assert_eq!(
            msgid_without_receipt(&result(r#""3662956322040938501""#, "null")),
            Some(3_662_956_322_040_938_501)
        );
        assert_eq!(msgid_without_receipt(&result("null", "null")), Some(0));
        assert_eq!(msgid_without_receipt(&result(r#""5""#, r#""unknown""#)), Some(5));
        assert_eq!(msgid_without_receipt(&result(r#""5""#, r#""success""#)), None);
        assert_eq!(msgid_without_receipt(r#"{"file_url":"http://x"}"#), None);
    }

    #[test]
    fn each_delivery_has_its_end_and_none_is_a_success_of_unknown_delivery() {
        let success = result(r#""5""#, r#""success""#);
        assert_eq!(end(&success), Outcome::Done(serde_json::from_str(&success).unwrap()));
        for said in ["user_blocked", "system_failed"] {
            let Outcome::GiveUp(failure) = end(&result(r#""5""#, &format!(r#""{said}""#))) else { panic!() };
            assert_eq!(failure.code, said);
        }
        let Outcome::Done(unknown) = end(&result(r#""5""#, "null")) else { panic!() };
        assert_eq!(unknown.to_string(), result(r#""5""#, r#""unknown""#));
    }

    #[test]
    fn what_is_awaited_is_unique_even_when_wechat_names_no_id() {
        let awaited = |msgid: &str| {
            let result = serde_json::from_str(&result(msgid, "null")).unwrap();
            let Outcome::Wait { awaited, .. } = wait_for("wx1", JobId::new(7).unwrap(), result) else {
                panic!()
            };
            awaited.0
        };
        assert_eq!((awaited(r#""5""#), awaited("null")), ("receipt:wx1:5".into(), "receipt:wx1:job7".into()));
    }
}
