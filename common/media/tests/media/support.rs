//! What all scenarios need.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use tempfile::TempDir;
use tokio::time::Instant;
use wxgate_media::storage::folder::{media_in, tmp_in};
use wxgate_media::{Folder, Spool, Spooled, Stem};

/// What every name here is made of.
pub const STEM: &str = "00112233445566778899aabbccddeeff";

pub fn stem() -> Stem {
    STEM.parse().unwrap()
}

/// Long enough never to matter.
pub fn ample() -> Instant {
    Instant::now() + Duration::from_mins(1)
}

/// A data folder of its own.
pub struct Data {
    dir: TempDir,
    pub store: Arc<Folder>,
}

impl Data {
    pub fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let store = Arc::new(Folder::create(dir.path(), "http://gw.test").unwrap());
        Self { dir, store }
    }

    pub fn path(&self) -> &Path {
        self.dir.path()
    }

    pub fn media(&self) -> PathBuf {
        media_in(self.path())
    }

    pub fn tmp(&self) -> PathBuf {
        tmp_in(self.path())
    }

    pub async fn spooled(&self, bytes: &[u8]) -> Spooled {
        let mut spool = Spool::create(&self.tmp(), 64 << 20).await.unwrap();
        spool.write(bytes).await.unwrap();
        spool.finish().await.unwrap()
    }
}

/// The names in a folder.
pub fn names(folder: &Path) -> Vec<String> {
    fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
}

/// AMR at 12.2 kbit/s in the storage format of RFC 4867, section 5: a magic number, then for each
/// 20 ms a byte that tells the mode and 31 bytes of speech.
pub fn amr(seconds: usize) -> Vec<u8> {
    let frame: Vec<u8> = std::iter::once(0x3c).chain(0..31).collect();
    [b"#!AMR\n".as_slice(), &frame.repeat(50 * seconds)].concat()
}
