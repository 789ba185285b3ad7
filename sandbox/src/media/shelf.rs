//! All media of all apps, bounded in number and in bytes; what is too much or too old is gone.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::sync::Arc;

use bytes::Bytes;
use parking_lot::Mutex;
use serde::Serialize;

use super::kind::{Format, MediaType};
use super::put::NewMedia;
use crate::clock::Moment;
use crate::refused::Refused;

/// How long WeChat keeps temporary media (documented: 3 days).
const KEPT_MS: i64 = 3 * 86_400_000;
/// What the shelf holds at most, in bytes of files; the oldest make room.
const MAX_BYTES: usize = 256 << 20;
/// How many files it holds at most.
const MOST: usize = 100_000;

/// What a file is.
#[derive(Clone, Debug)]
pub(super) struct Content {
    pub(super) kind: MediaType,
    pub(super) format: Format,
    pub(super) bytes: Bytes,
    /// A recording of the JS-SDK in its original quality.
    pub(super) original: Option<Bytes>,
}

/// Where a file can be had.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    /// By its `media_id`, until it expires.
    Temporary,
    /// At its own address, for good.
    Picture,
}

#[derive(Clone, Debug)]
struct Kept {
    app: Arc<str>,
    place: Place,
    created: Moment,
    content: Content,
}

/// One file that the sandbox holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Media {
    /// Its `media_id`; a picture of `uploadimg` has it in its address.
    pub media_id: String,
    /// The app that it belongs to.
    pub app: String,
    /// Its type.
    #[serde(rename = "type")]
    pub kind: MediaType,
    /// How many bytes it has.
    pub bytes: usize,
    /// When it came, in Unix milliseconds of the sandbox's clock.
    pub created_ms: i64,
    /// When it is gone; never, for a picture of `uploadimg`.
    pub expires_ms: Option<i64>,
}

/// How many media there are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct MediaStats {
    /// Files kept now.
    pub kept: usize,
    /// Their bytes; the oldest files go beyond 256 MiB.
    pub bytes: usize,
    /// Files that went to make room for others.
    pub forgotten: u64,
}

#[derive(Debug, Default)]
struct Files {
    by_id: HashMap<Arc<str>, Kept>,
    oldest_first: VecDeque<Arc<str>>,
    stats: MediaStats,
}

/// All media.
#[derive(Debug, Default)]
pub(crate) struct Shelf(Mutex<Files>);

impl Shelf {
    /// Keeps temporary media under a new id.
    pub(super) fn keep(&self, app: &Arc<str>, id: &str, content: Content, now: Moment) {
        self.add(id, Kept { app: Arc::clone(app), place: Place::Temporary, created: now, content });
    }

    /// Keeps a picture that has an address of its own.
    pub(super) fn keep_picture(&self, app: &Arc<str>, id: &str, content: Content, now: Moment) {
        self.add(id, Kept { app: Arc::clone(app), place: Place::Picture, created: now, content });
    }

    /// Puts there what a user is said to have sent.
    pub(crate) fn put(
        &self,
        app: &Arc<str>,
        id: &str,
        media: NewMedia,
        now: Moment,
    ) -> Result<Media, Refused> {
        let kept =
            Kept { app: Arc::clone(app), place: Place::Temporary, created: now, content: media.checked()? };
        let shown = kept.show(id);
        self.add(id, kept);
        Ok(shown)
    }

    /// Media of this app that have not expired.
    pub(super) fn find(&self, app: &str, id: &str, now: Moment) -> Option<Content> {
        let files = self.0.lock();
        let kept = files.by_id.get(id).filter(|kept| kept.place == Place::Temporary)?;
        (*kept.app == *app && !kept.has_expired(now)).then(|| kept.content.clone())
    }

    /// Whether this app can send it.
    pub(crate) fn has(&self, app: &str, id: &str, now: Moment) -> bool {
        self.find(app, id, now).is_some()
    }

    /// What an address of its own leads to: a picture, or a film that has not expired.
    pub(super) fn at_address(&self, id: &str, now: Moment) -> Option<Content> {
        let files = self.0.lock();
        let kept = files.by_id.get(id)?;
        let is_public = kept.place == Place::Picture || kept.content.kind == MediaType::Video;
        (is_public && !kept.has_expired(now)).then(|| kept.content.clone())
    }

    /// All that there is, by app and time.
    pub(crate) fn all(&self, now: Moment) -> Vec<Media> {
        let files = self.0.lock();
        let there = files.by_id.iter().filter(|(_, kept)| !kept.has_expired(now));
        let by_age: BTreeMap<_, _> =
            there.map(|(id, kept)| ((kept.created, Arc::clone(id)), kept.show(id))).collect();
        by_age.into_values().collect()
    }

    pub(crate) fn stats(&self) -> MediaStats {
        self.0.lock().stats
    }

    fn add(&self, id: &str, kept: Kept) {
        let mut files = self.0.lock();
        let id: Arc<str> = Arc::from(id);
        files.stats.kept += 1;
        files.stats.bytes += kept.weight();
        files.oldest_first.push_back(Arc::clone(&id));
        files.by_id.insert(id, kept);
        while files.stats.kept > MOST || files.stats.bytes > MAX_BYTES {
            files.forget_oldest();
        }
    }
}

impl Files {
    fn forget_oldest(&mut self) {
        let oldest = self.oldest_first.pop_front();
        if let Some(kept) = oldest.and_then(|id| self.by_id.remove(&id)) {
            self.stats.kept -= 1;
            self.stats.bytes -= kept.weight();
            self.stats.forgotten += 1;
        }
    }
}

impl Kept {
    fn has_expired(&self, now: Moment) -> bool {
        self.expires().is_some_and(|expires| now >= expires)
    }

    fn expires(&self) -> Option<Moment> {
        (self.place == Place::Temporary).then_some(self.created + KEPT_MS)
    }

    fn weight(&self) -> usize {
        self.content.bytes.len() + self.content.original.as_ref().map_or(0, Bytes::len)
    }

    fn show(&self, id: &str) -> Media {
        Media {
            media_id: id.to_owned(),
            app: self.app.to_string(),
            kind: self.content.kind,
            bytes: self.content.bytes.len(),
            created_ms: self.created,
            expires_ms: self.expires(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_files_make_room() {
        let shelf = Shelf::default();
        let big = |byte| NewMedia::new(MediaType::Video, vec![byte; 60 << 20]);
        let app = Arc::from("wx");
        for (id, byte) in [("a", 1), ("b", 2), ("c", 3), ("d", 4), ("e", 5)] {
            shelf.put(&app, id, big(byte), 0).ok();
        }
        assert!(shelf.find("wx", "a", 0).is_none());
        assert!(shelf.find("wx", "b", 0).is_some());
        assert_eq!(shelf.stats(), MediaStats { kept: 4, bytes: 240 << 20, forgotten: 1 });
    }
}
