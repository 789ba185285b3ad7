//! What a media job is to do: what the intake stores and a worker reads.

use serde::{Deserialize, Serialize};

use crate::Stem;

/// The payload of the jobs for media. Jobs outlive versions: members are only ever added, with a
/// default.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Order {
    /// WeChat's id of the medium.
    pub media_id: String,
    /// What comes of it is named by this. Chosen when the job is accepted, so that an attempt that is
    /// made again replaces what the one before it left.
    pub stem: Stem,
    /// Whether a recording is wanted in its original quality.
    #[serde(default)]
    pub original: bool,
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]
    use super::*;

    #[test]
    fn what_was_stored_by_an_earlier_version_can_be_read() {
        let stored = r#"{"media_id":"m","stem":"00112233445566778899aabbccddeeff"}"#;
        let order: Order = serde_json::from_str(stored).unwrap();
        assert!(!order.original);
        let stored = r#"{"media_id":"m","stem":"00112233445566778899aabbccddeeff","original":false}"#;
        assert_eq!(serde_json::to_string(&order).unwrap(), stored);
    }
}
