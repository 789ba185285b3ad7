//! The doorbell as a message: JSON with a schema version. Unknown fields are accepted, an unknown
//! version is not, so a field may be added without breaking workers of an older build.

use serde::{Deserialize, Serialize};
use wxgate_job::{Doorbell, JobId, Lane};

/// The layout written here and the only one read here.
const VERSION: u32 = 1;

/// Longest message published. A full doorbell takes about 1.2 KiB (64 ids of up to 16 digits and
/// three names), so this only stops absurd names, far below the broker's own limit of 128 MiB,
/// which ends the channel of whoever exceeds it.
pub(crate) const MAX_BYTES: usize = 64 * 1024;

/// Why a doorbell cannot be published.
#[derive(Debug, thiserror::Error)]
pub enum Unsendable {
    /// Larger than any doorbell has reason to be.
    #[error("a message of {0} bytes exceeds the limit of {MAX_BYTES}")]
    TooLarge(usize),
    /// Its name would be the routing key, for which AMQP has room for 255 bytes.
    #[error("the kind's name exceeds the 255 bytes of a routing key")]
    KindTooLong,
    /// Its names are no text.
    #[error("it cannot be written as JSON")]
    Json(#[from] serde_json::Error),
}

/// Why a received message is no doorbell.
#[derive(Debug, thiserror::Error)]
pub enum Unreadable {
    /// Not JSON, or not of this layout.
    #[error("not the expected JSON: {0}")]
    Json(#[from] serde_json::Error),
    /// Another layout.
    #[error("schema version {0}, this build reads version {VERSION}")]
    Version(u32),
    /// None at all, or more than a doorbell has.
    #[error("{0} ids, expected 1 to {max}", max = Doorbell::MAX_IDS)]
    Count(usize),
    /// Nobody's job has such an id.
    #[error("an id is out of range")]
    Id,
}

#[derive(Serialize)]
struct Outgoing<'a> {
    version: u32,
    lane: &'a Lane,
    ids: &'a [JobId],
}

#[derive(Deserialize)]
struct Version {
    version: u32,
}

#[derive(Deserialize)]
struct Incoming {
    lane: Lane,
    ids: Vec<i64>,
}

/// What is published for a doorbell.
///
/// # Errors
/// [`Unsendable`].
pub fn encode(doorbell: &Doorbell) -> Result<Vec<u8>, Unsendable> {
    let body = serde_json::to_vec(&Outgoing { version: VERSION, lane: &doorbell.lane, ids: &doorbell.ids })?;
    if body.len() > MAX_BYTES {
        return Err(Unsendable::TooLarge(body.len()));
    }
    Ok(body)
}

/// The doorbell that was published: of 1 to [`Doorbell::MAX_IDS`] ids.
///
/// # Errors
/// [`Unreadable`]: whoever may publish to the broker may have written it.
pub fn decode(body: &[u8]) -> Result<Doorbell, Unreadable> {
    // The version comes first: another version may well have other fields.
    let Version { version } = serde_json::from_slice(body)?;
    if version != VERSION {
        return Err(Unreadable::Version(version));
    }
    let Incoming { lane, ids } = serde_json::from_slice(body)?;
    if !(1..=Doorbell::MAX_IDS).contains(&ids.len()) {
        return Err(Unreadable::Count(ids.len()));
    }
    let ids: Result<Vec<JobId>, _> = ids.into_iter().map(JobId::new).collect();
    Ok(Doorbell { lane, ids: ids.map_err(|_| Unreadable::Id)? })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

    use super::*;
    use wxgate_job::Kind;

    fn doorbell(client: &str, ids: impl IntoIterator<Item = i64>) -> Doorbell {
        Doorbell {
            lane: Lane { client: client.into(), app: "wx1".into(), kind: Kind::named("async_send_tpl") },
            ids: ids.into_iter().map(|id| JobId::new(id).unwrap()).collect(),
        }
    }

    #[test]
    fn a_doorbell_survives_the_wire() {
        let full = doorbell("shop", JobId::MAX - 63..=JobId::MAX);
        let body = encode(&full).unwrap();
        assert!(body.len() < 1_300, "{}", body.len());
        assert_eq!(decode(&body).unwrap(), full);
    }

    #[test]
    fn the_published_layout_stays_as_it_is() {
        let body = encode(&doorbell("shop", [7])).unwrap();
        assert_eq!(
            String::from_utf8(body).unwrap(),
            r#"{"version":1,"lane":{"client":"shop","app":"wx1","kind":"async_send_tpl"},"ids":[7]}"#
        );
    }

    #[test]
    fn a_field_added_later_is_ignored() {
        let body = br#"{"version":1,"lane":{"client":"a","app":"b","kind":"c","x":1},"ids":[7],"y":2}"#;
        assert_eq!(decode(body).unwrap().ids.len(), 1);
    }

    #[test]
    fn what_is_no_doorbell_is_refused_with_its_reason() {
        let with_ids = |ids: &str| {
            format!(r#"{{"version":1,"lane":{{"client":"a","app":"b","kind":"c"}},"ids":[{ids}]}}"#)
        };
        let reason = |body: &str| decode(body.as_bytes()).unwrap_err();
        assert!(matches!(reason("not json"), Unreadable::Json(_)));
        assert!(matches!(reason(r#"{"version":1}"#), Unreadable::Json(_)));
        assert!(matches!(reason(r#"{"version":2,"new":true}"#), Unreadable::Version(2)));
        assert!(matches!(reason(&with_ids("")), Unreadable::Count(0)));
        assert!(matches!(reason(&with_ids(&"1,".repeat(65)[..129])), Unreadable::Count(65)));
        assert!(matches!(reason(&with_ids("0")), Unreadable::Id));
        assert!(matches!(reason(&with_ids("9007199254740992")), Unreadable::Id));
        assert!(decode(&[0xff, 0xfe]).is_err());
    }

    #[test]
    fn an_absurd_name_is_refused_before_the_broker_sees_it() {
        let error = encode(&doorbell(&"n".repeat(MAX_BYTES), [1])).unwrap_err();
        assert!(matches!(error, Unsendable::TooLarge(_)), "{error}");
    }
}
