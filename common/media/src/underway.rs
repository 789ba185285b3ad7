//! What a voice job remembers of a conversion under way: the result so far, as it is stored, and as
//! callers see it.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

/// The member of the result so far that is for the job itself.
const OWN: &str = "underway";

/// A conversion under way. Jobs outlive versions: members are only ever added, with a default.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Underway {
    /// What to look by.
    pub task: String,
    /// When it was begun (Unix milliseconds, by the store's clock).
    pub begun_at: i64,
    /// How often it was looked at since.
    pub looks: u32,
}

impl Underway {
    /// Reads the result so far; `None` when it tells of no conversion.
    #[must_use]
    pub fn of(so_far: &str) -> Option<Self> {
        #[derive(Deserialize)]
        struct SoFar {
            underway: Underway,
        }
        serde_json::from_str(so_far).ok().map(|SoFar { underway }| underway)
    }

    /// The result so far of the job for this medium.
    #[must_use]
    pub fn so_far(&self, media_id: &str) -> Value {
        json!({ "media_id": media_id, "file_url": null, OWN: self })
    }
}

/// A job's stored result as callers see it: without what is for the job itself. Every other result is
/// handed on as it is.
#[must_use]
pub fn shown(stored: &str) -> Cow<'_, str> {
    let members = serde_json::from_str::<Map<String, Value>>(stored);
    match members.map(|mut members| (members.remove(OWN), members)) {
        Ok((Some(_own), members)) => Cow::Owned(Value::Object(members).to_string()),
        _ => Cow::Borrowed(stored),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]
    use super::*;

    #[test]
    fn what_is_under_way_is_kept_with_the_result_and_not_shown() {
        let underway = Underway { task: "t".to_owned(), begun_at: 7, looks: 2 };
        let stored = underway.so_far("m").to_string();
        assert_eq!(Underway::of(&stored), Some(underway));
        let shown: Value = serde_json::from_str(&shown(&stored)).unwrap();
        assert_eq!(shown, json!({ "media_id": "m", "file_url": null }));
    }

    #[test]
    fn every_other_result_is_shown_as_it_is_stored() {
        for stored in [r#"{"file_url": "u",  "media_id":"m"}"#, r#"{"errcode":0}"#, "null", "7", "not JSON"] {
            assert_eq!(shown(stored), stored);
            assert_eq!(Underway::of(stored), None);
        }
    }
}
