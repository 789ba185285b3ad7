//! Messages of the queue.

use wxgate_queue::message::{decode, encode};

/// What is read can be published again, and is then the same.
pub fn read(bytes: &[u8]) {
    let Ok(doorbell) = decode(bytes) else { return };
    // One whose names are longer than any of ours may be read, but is never published.
    if let Ok(published) = encode(&doorbell) {
        assert_eq!(decode(&published).ok(), Some(doorbell));
    }
}
