//! Media in a folder of this machine, served by the gateway itself.
//!
//! A file is written under another name beside the folder, brought to the disk, and only then given
//! its name, which is one step: whoever looks sees all of it or nothing.

use std::fs::{self, DirBuilder, File};
use std::io;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};

use async_trait::async_trait;
use tokio::time::Instant;

use crate::disk::{off_thread, temporary};
use crate::storage::{MediaStore, StorageError};
use crate::{MediaType, ObjectName, Spooled};

/// The folder `media` of the data folder.
#[derive(Clone, Debug)]
pub struct Folder {
    media: PathBuf,
    tmp: PathBuf,
    public: String,
}

/// Where media are kept below the data folder.
#[must_use]
pub fn media_in(data: &Path) -> PathBuf {
    data.join("media")
}

/// Where files on their way are kept below the data folder: on the same file system, since no file
/// can be moved to another in one step.
#[must_use]
pub fn tmp_in(data: &Path) -> PathBuf {
    data.join("tmp")
}

impl Folder {
    /// Makes both folders below `data` unless they are there, for their owner alone. `public` is
    /// how the outside reaches the gateway, without a slash at its end. Waits for the disk: to be
    /// called at the start.
    ///
    /// # Errors
    /// When they cannot be made.
    pub fn create(data: &Path, public: &str) -> io::Result<Self> {
        let (media, tmp) = (media_in(data), tmp_in(data));
        for folder in [&media, &tmp] {
            DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
        }
        Ok(Self { media, tmp, public: public.to_owned() })
    }
}

#[async_trait]
impl MediaStore for Folder {
    async fn put(
        &self,
        object: &ObjectName,
        media: &Spooled,
        _content_type: &str,
        deadline: Instant,
    ) -> Result<String, StorageError> {
        let (folder, tmp, name) = (self.media.clone(), self.tmp.clone(), object.to_string());
        let (source, length) = (media.path.to_path_buf(), media.length);
        let address = format!("{}/media/{name}", self.public);
        off_thread(move || keep(&source, length, &tmp, &folder, &name, deadline)).await.map(|()| address)
    }
}

/// A kept file that may be served, and what it is. `None` for every name that is not an
/// [`ObjectName`], and when there is no such file. `dir` is [`media_in`]'s. Waits for the disk, for
/// as long as it takes to look a name up.
#[must_use]
pub fn open(dir: &Path, name: &str) -> Option<(PathBuf, MediaType)> {
    let name: ObjectName = name.parse().ok()?;
    let path = dir.join(name.to_string());
    fs::symlink_metadata(&path).is_ok_and(|found| found.is_file()).then_some((path, name.media()))
}

fn keep(
    source: &Path,
    length: u64,
    tmp: &Path,
    folder: &Path,
    name: &str,
    deadline: Instant,
) -> Result<(), StorageError> {
    let mut copy = temporary(tmp)?;
    if io::copy(&mut File::open(source)?, copy.as_file_mut())? != length {
        return Err(io::Error::from(io::ErrorKind::UnexpectedEof).into());
    }
    copy.as_file().sync_all()?;
    // Nobody may be waiting any more, and what was to be done about it may have begun elsewhere.
    if Instant::now() >= deadline {
        return Err(StorageError::OutOfTime);
    }
    copy.persist(folder.join(name)).map_err(|refused| refused.error)?;
    // The name, too, must outlive a power failure.
    Ok(File::open(folder)?.sync_all()?)
}
