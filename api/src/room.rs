//! Room for bodies: how many bytes of them are in memory at once. Whoever sends slowly holds what has come so
//! far, not what was announced; small bodies, which most are, always have room.

use std::sync::Arc;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::Refusal;

/// Bytes of all bodies under way in one process: six files of the largest kind.
const ROOM: usize = 64 << 20;
/// What of each body is not counted: as much as a connection costs anyway.
const FREE: usize = 4 << 10;

/// The room of one process. Cheap to clone.
#[derive(Clone, Debug)]
pub(crate) struct Room(Arc<Semaphore>);

/// What one body takes of it, until this is dropped.
#[derive(Debug)]
pub(crate) struct Taken {
    room: Room,
    bytes: usize,
    held: Option<OwnedSemaphorePermit>,
}

impl Default for Room {
    fn default() -> Self {
        Self::of(ROOM)
    }
}

impl Room {
    fn of(bytes: usize) -> Self {
        Self(Arc::new(Semaphore::new(bytes)))
    }

    /// For a body that is about to come.
    pub(crate) fn enter(&self) -> Taken {
        Taken { room: self.clone(), bytes: 0, held: None }
    }
}

impl Taken {
    /// So many more bytes have come.
    ///
    /// # Errors
    /// [`Refusal::Overloaded`] when there is no room for them.
    pub(crate) fn grow(&mut self, bytes: usize) -> Result<(), Refusal> {
        let counted = self.bytes.max(FREE);
        self.bytes += bytes;
        let more = u32::try_from(self.bytes.saturating_sub(counted)).unwrap_or(u32::MAX);
        if more == 0 {
            return Ok(());
        }
        let room = Arc::clone(&self.room.0).try_acquire_many_owned(more);
        let more = room.map_err(|_none| Refusal::Overloaded)?;
        match &mut self.held {
            Some(held) => held.merge(more),
            none => *none = Some(more),
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn small_bodies_have_room_where_large_ones_have_none() {
        let room = Room::of(100);
        let mut large = room.enter();
        assert!(large.grow(FREE).is_ok() && large.grow(100).is_ok());
        assert!(matches!(large.grow(1), Err(Refusal::Overloaded)));
        assert!(room.enter().grow(FREE).is_ok());
        assert!(matches!(room.enter().grow(FREE + 1), Err(Refusal::Overloaded)));
        drop(large);
        assert!(room.enter().grow(FREE + 100).is_ok());
    }
}
