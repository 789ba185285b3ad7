//! The memory that stored files and bodies under way may take together. A piece of it is given back
//! when the last one who holds it lets go.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use super::problem::{BUCKET_FULL, Problem, TOO_LARGE};

/// Largest body taken, in bytes.
pub(crate) const LARGEST_UPLOAD: u64 = 64 << 20;
/// What all stored files, unfinished parts and bodies under way may take, in bytes.
const ALL: u64 = 256 << 20;

/// All that there is.
#[derive(Clone, Debug, Default)]
pub(crate) struct Rooms(Arc<AtomicU64>);

/// Memory for so many bytes.
#[derive(Debug)]
pub(crate) struct Room {
    bytes: u64,
    taken: Rooms,
}

impl Rooms {
    /// Room for a file or a body, unless it is too large or too much is held already.
    pub(crate) fn take(&self, bytes: u64) -> Result<Arc<Room>, Problem> {
        if bytes > LARGEST_UPLOAD {
            return Err(TOO_LARGE);
        }
        let fits = |held: u64| held.checked_add(bytes).filter(|held| *held <= ALL);
        match self.0.fetch_update(Ordering::SeqCst, Ordering::SeqCst, fits) {
            Ok(_) => Ok(Arc::new(Room { bytes, taken: self.clone() })),
            Err(_) => Err(BUCKET_FULL),
        }
    }

    /// Room for nothing.
    pub(crate) fn none(&self) -> Arc<Room> {
        Arc::new(Room { bytes: 0, taken: self.clone() })
    }

    /// How many bytes are held.
    pub(crate) fn held(&self) -> u64 {
        self.0.load(Ordering::SeqCst)
    }
}

impl Drop for Room {
    fn drop(&mut self) {
        self.taken.0.fetch_sub(self.bytes, Ordering::SeqCst);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_let_go_can_be_taken_again() {
        let rooms = Rooms::default();
        assert_eq!(rooms.take(LARGEST_UPLOAD + 1).err(), Some(TOO_LARGE));
        let held: Vec<_> = (0..4).filter_map(|_| rooms.take(LARGEST_UPLOAD).ok()).collect();
        assert_eq!(held.len(), 4);
        assert_eq!(rooms.take(1).err(), Some(BUCKET_FULL));
        drop(held);
        assert_eq!(rooms.held(), 0);
        assert!(rooms.take(1).is_ok());
    }
}
