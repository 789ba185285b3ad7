//! What is kept of an answer, so that repeats are given the same.

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::{Answer, Refusal};

/// How a request ended. Stored for fifteen minutes, and read by processes of other versions.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Kept {
    /// It was answered this.
    Data(Box<RawValue>),
    /// Nobody knows whether it took effect, and it is not done again.
    Unknown,
}

impl Kept {
    pub(super) fn data(answer: &Answer) -> Self {
        Self::Data(answer.data().to_owned())
    }

    pub(super) fn text(&self) -> String {
        // JSON always fits into JSON.
        serde_json::to_string(self).unwrap_or_default()
    }

    /// What the first request was answered, for its repeat.
    pub(super) fn read(text: &str) -> Result<Answer, Refusal> {
        match serde_json::from_str(text).map_err(Refusal::internal)? {
            Self::Data(data) => Ok(Answer::verbatim(data)),
            Self::Unknown => Err(Refusal::NotRepeated(None)),
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use super::*;

    #[test]
    fn an_answer_is_kept_byte_for_byte() {
        let raw = r#"{"a" : 1.50, "b":12345678901234567890, "c":"\u503c值", "a":null}"#;
        let answer = Answer::verbatim(RawValue::from_string(raw.to_owned()).unwrap());
        let kept = Kept::data(&answer).text();
        assert_eq!(Kept::read(&kept).unwrap().data().get(), raw);
    }

    #[test]
    fn an_unknown_end_stays_unknown_and_what_cannot_be_read_is_a_fault_of_ours() {
        assert!(matches!(Kept::read(&Kept::Unknown.text()), Err(Refusal::NotRepeated(None))));
        assert!(matches!(Kept::read("{}"), Err(Refusal::Internal { .. })));
    }
}
