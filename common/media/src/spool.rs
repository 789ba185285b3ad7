//! A file on its way through: bounded, temporary, digested while it is written.

use std::fs;
use std::io;
use std::path::Path;
use std::time::{Duration, SystemTime};

use futures_util::StreamExt as _;
use md5::{Digest, Md5};
use reqwest::Body;
use tempfile::TempPath;
use tokio::fs::File;
use tokio::io::AsyncWriteExt;
use tokio_util::io::ReaderStream;

use crate::disk::{PREFIX, off_thread, temporary};

/// How much of a file's start is kept in memory (bytes): more than any magic number reaches into.
const START: usize = 4096;

/// The pieces in which a file is read again (bytes). Each is a change of threads.
const PIECE: usize = 64 * 1024;

/// Why a file is not taken.
#[derive(Debug, thiserror::Error)]
pub enum SpoolError {
    /// It goes on beyond the limit.
    #[error("the file is longer than {limit} bytes")]
    TooLong {
        /// In bytes.
        limit: u64,
    },
    /// This machine's disk is full or broken.
    #[error("the file cannot be written to this machine's disk")]
    Disk(#[from] io::Error),
}

impl SpoolError {
    /// Whether it would be the same again.
    #[must_use]
    pub fn is_permanent(&self) -> bool {
        matches!(self, Self::TooLong { .. })
    }
}

/// A file that is being written. Deleted when it is dropped.
#[derive(Debug)]
pub struct Spool {
    file: File,
    path: TempPath,
    hash: Md5,
    start: Vec<u8>,
    length: u64,
    limit: u64,
}

/// A file that is complete, though not on disk for certain: it serves this process alone. Deleted
/// when it is dropped, which is one system call and so done on the spot.
#[derive(Debug)]
pub struct Spooled {
    /// Where it is.
    pub path: TempPath,
    /// Bytes.
    pub length: u64,
    /// MD5 in lower-case hexadecimal.
    pub md5: String,
    /// Its first bytes, at most 4096: enough to tell what it is.
    pub start: Vec<u8>,
}

impl Spool {
    /// An empty file in `dir`, for its owner alone, that takes `limit` bytes and no more.
    ///
    /// # Errors
    /// [`SpoolError::Disk`].
    pub async fn create(dir: &Path, limit: u64) -> Result<Self, SpoolError> {
        let dir = dir.to_owned();
        let made: io::Result<_> = off_thread(move || Ok(temporary(&dir)?.into_parts())).await;
        let (file, path) = made?;
        let (hash, start) = (Md5::new(), Vec::new());
        Ok(Self { file: File::from_std(file), path, hash, start, length: 0, limit })
    }

    /// Adds a piece. tokio's file takes it over and writes it on another thread, one at a time: a
    /// slow disk holds up the next piece and nobody else. Digesting is done here; a piece as
    /// connections bring them takes microseconds.
    ///
    /// # Errors
    /// [`SpoolError::TooLong`], and then none of the piece is written; [`SpoolError::Disk`].
    pub async fn write(&mut self, piece: &[u8]) -> Result<(), SpoolError> {
        let length = self.length.saturating_add(piece.len() as u64);
        if length > self.limit {
            return Err(SpoolError::TooLong { limit: self.limit });
        }
        self.length = length;
        self.hash.update(piece);
        let room = START - self.start.len();
        self.start.extend_from_slice(&piece[..piece.len().min(room)]);
        Ok(self.file.write_all(piece).await?)
    }

    /// That was all.
    ///
    /// # Errors
    /// [`SpoolError::Disk`], also for pieces that were taken over earlier.
    pub async fn finish(mut self) -> Result<Spooled, SpoolError> {
        self.file.flush().await?;
        let (path, length, start) = (self.path, self.length, self.start);
        Ok(Spooled { path, length, md5: hex::encode(self.hash.finalize()), start })
    }
}

impl Spooled {
    /// The file as the body of a request, read piece by piece; `taken` is called for each. Its length
    /// is not known to the body: give [`Self::length`] along.
    ///
    /// # Errors
    /// When it cannot be opened.
    pub async fn body(&self, taken: impl Fn() + Send + 'static) -> io::Result<Body> {
        let file = File::open(&self.path).await?;
        let pieces = ReaderStream::with_capacity(file, PIECE);
        Ok(Body::wrap_stream(pieces.inspect(move |_piece| taken())))
    }
}

/// Deletes what processes that were killed left in `dir`: temporary files of ours that nobody has
/// written to for `older_than`. Answers how many. A folder that is not there has none.
///
/// # Errors
/// When the folder cannot be read.
pub async fn sweep(dir: &Path, older_than: Duration) -> io::Result<usize> {
    let dir = dir.to_owned();
    off_thread(move || sweep_here(&dir, older_than)).await
}

fn sweep_here(dir: &Path, older_than: Duration) -> io::Result<usize> {
    let entries = match fs::read_dir(dir) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(0),
        entries => entries?,
    };
    let now = SystemTime::now();
    // One that vanishes meanwhile was deleted by its owner.
    let old = |entry: &fs::DirEntry| is_left_over(entry, older_than, now).unwrap_or(false);
    Ok(entries.flatten().filter(old).filter(|entry| fs::remove_file(entry.path()).is_ok()).count())
}

fn is_left_over(entry: &fs::DirEntry, older_than: Duration, now: SystemTime) -> io::Result<bool> {
    let ours = entry.file_name().to_string_lossy().starts_with(PREFIX) && entry.file_type()?.is_file();
    Ok(ours && now.duration_since(entry.metadata()?.modified()?).is_ok_and(|age| age > older_than))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]
    use super::*;

    async fn spooled(dir: &Path, pieces: &[&[u8]]) -> Spooled {
        let mut spool = Spool::create(dir, 1 << 20).await.unwrap();
        for piece in pieces {
            spool.write(piece).await.unwrap();
        }
        spool.finish().await.unwrap()
    }

    fn files(dir: &Path) -> usize {
        fs::read_dir(dir).unwrap().count()
    }

    #[tokio::test]
    async fn what_was_written_is_there_with_its_length_and_md5() {
        let dir = tempfile::tempdir().unwrap();
        let file = spooled(dir.path(), &[b"a", b"", b"bc"]).await;
        assert_eq!(fs::read(&file.path).unwrap(), b"abc");
        assert_eq!((file.length, file.md5.as_str()), (3, "900150983cd24fb0d6963f7d28e17f72"));
        assert_eq!(file.start, b"abc");
    }

    #[tokio::test]
    async fn of_a_long_file_the_start_alone_is_in_memory() {
        let dir = tempfile::tempdir().unwrap();
        let file = spooled(dir.path(), &[&[1; 4000], &[2; 4000], &[3; 4000]]).await;
        assert_eq!(file.start, [[1; 4000].as_slice(), &[2; 96]].concat());
        assert_eq!(fs::metadata(&file.path).unwrap().len(), 12_000);
    }

    #[tokio::test]
    async fn the_limit_itself_is_taken_and_nothing_beyond_it() {
        let dir = tempfile::tempdir().unwrap();
        let mut spool = Spool::create(dir.path(), 5).await.unwrap();
        spool.write(b"five!").await.unwrap();
        let refused = spool.write(b"x").await.unwrap_err();
        assert!(matches!(refused, SpoolError::TooLong { limit: 5 }) && refused.is_permanent());
        assert_eq!(fs::read(&spool.finish().await.unwrap().path).unwrap(), b"five!");
    }

    #[tokio::test]
    async fn it_is_for_its_owner_alone_and_goes_with_it() {
        use std::os::unix::fs::PermissionsExt;
        let dir = tempfile::tempdir().unwrap();
        let file = spooled(dir.path(), &[b"abc"]).await;
        assert_eq!(fs::metadata(&file.path).unwrap().permissions().mode() & 0o777, 0o600);
        let unfinished = Spool::create(dir.path(), 5).await.unwrap();
        drop((file, unfinished));
        assert_eq!(files(dir.path()), 0);
    }

    #[tokio::test]
    async fn a_sweep_takes_old_files_of_ours_and_nothing_else() {
        let dir = tempfile::tempdir().unwrap();
        let hour = Duration::from_hours(1);
        let old = SystemTime::now() - 2 * hour;
        for name in ["wxgate-left", "other"] {
            fs::File::create(dir.path().join(name)).unwrap().set_modified(old).unwrap();
        }
        let young = spooled(dir.path(), &[b"abc"]).await;

        assert_eq!(sweep(dir.path(), hour).await.unwrap(), 1);

        assert!(dir.path().join("other").exists() && young.path.exists());
        assert_eq!(files(dir.path()), 2);
        assert_eq!(sweep(&dir.path().join("none"), hour).await.unwrap(), 0);
    }
}
