//! The embedded store's folder: the database, and beside it the key that encrypts its secrets.
//!
//! Only their owner may read them. The key is made once, whole or not at all, and never replaced:
//! without it no stored secret can be read.

use std::fs::{self, DirBuilder, File, Metadata, OpenOptions};
use std::io::{self, ErrorKind, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use tempfile::NamedTempFile;
use wxgate_secret::{Keyring, Secret};

/// The key's file.
const KEY_FILE: &str = "secret.key";

/// The folder of the embedded store.
#[derive(Debug)]
pub(crate) struct DataFolder {
    path: PathBuf,
}

impl DataFolder {
    pub(crate) const fn new(path: PathBuf) -> Self {
        Self { path }
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    pub(crate) fn key_file(&self) -> PathBuf {
        self.path.join(KEY_FILE)
    }

    /// Makes the folder, and those above it, unless it is there. `true`: it was made.
    ///
    /// # Errors
    /// When it cannot be made.
    pub(crate) fn make(&self) -> anyhow::Result<bool> {
        if self.path.is_dir() {
            return Ok(false);
        }
        let made = DirBuilder::new().recursive(true).mode(0o700).create(&self.path);
        made.with_context(|| format!("the data folder {} cannot be made", self.path.display()))?;
        Ok(true)
    }

    /// Keeps other processes from setting up the folder too, until the answer is dropped.
    ///
    /// # Errors
    /// When the folder cannot be opened.
    pub(crate) fn lock(&self) -> anyhow::Result<File> {
        let lock = || {
            let folder = File::open(&self.path)?;
            folder.lock()?;
            Ok(folder)
        };
        lock().map_err(|error: io::Error| {
            anyhow::Error::new(error).context(format!("{} cannot be locked", self.path.display()))
        })
    }

    /// Makes an empty database file that its owner alone can read, unless there is one. SQLite
    /// makes the files beside it alike.
    ///
    /// # Errors
    /// When it cannot be made.
    pub(crate) fn make_database(path: &Path) -> anyhow::Result<()> {
        let made = OpenOptions::new().write(true).create(true).truncate(false).mode(0o600).open(path);
        made.map(drop).with_context(|| format!("{} cannot be made", path.display()))
    }

    /// The key, if there is one.
    ///
    /// # Errors
    /// When it cannot be read, or others than its owner can read it.
    pub(crate) fn read_key(&self) -> anyhow::Result<Option<Secret>> {
        let path = self.key_file();
        let metadata = match fs::metadata(&path) {
            Ok(metadata) => metadata,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error).with_context(|| unreadable(&path)),
        };
        if is_open_to_others(&metadata) {
            bail!("{0} can be read by others than its owner: run 'chmod 600 {0}'", path.display());
        }
        let text = fs::read_to_string(&path).with_context(|| unreadable(&path))?;
        Ok(Some(Secret::new(text.trim())))
    }

    /// Makes a key unless another process did so meanwhile, and answers the one that counts.
    ///
    /// # Errors
    /// When the file cannot be made.
    pub(crate) fn make_key(&self) -> anyhow::Result<Secret> {
        let path = self.key_file();
        let key = Keyring::generate_key();
        match self.write_new(&path, &key) {
            Ok(()) => Ok(key),
            Err(error) if error.kind() == ErrorKind::AlreadyExists => {
                self.read_key()?.with_context(|| unreadable(&path))
            }
            Err(error) => Err(error).with_context(|| format!("{} cannot be written", path.display())),
        }
    }

    /// The file appears under its name only when it is complete and on disk.
    fn write_new(&self, path: &Path, key: &Secret) -> io::Result<()> {
        // Made with mode 0600.
        let mut file = NamedTempFile::new_in(&self.path)?;
        writeln!(file, "{}", key.expose())?;
        file.as_file().sync_all()?;
        file.persist_noclobber(path).map_err(|refused| refused.error)?;
        File::open(&self.path)?.sync_all()
    }
}

fn is_open_to_others(metadata: &Metadata) -> bool {
    metadata.permissions().mode() & 0o077 != 0
}

fn unreadable(path: &Path) -> String {
    format!("the key file {} cannot be read", path.display())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use std::sync::Barrier;
    use std::thread;

    use super::*;

    fn folder() -> (tempfile::TempDir, DataFolder) {
        let above = tempfile::tempdir().unwrap();
        let folder = DataFolder::new(above.path().join("a/data"));
        folder.make().unwrap();
        (above, folder)
    }

    fn mode(path: &Path) -> u32 {
        fs::metadata(path).unwrap().permissions().mode() & 0o777
    }

    #[test]
    fn folder_and_key_are_for_their_owner_alone() {
        let (_above, folder) = folder();
        assert!(!folder.make().unwrap(), "it is there already");
        folder.make_key().unwrap();
        assert_eq!((mode(folder.path()), mode(&folder.key_file())), (0o700, 0o600));
        Keyring::parse(&folder.read_key().unwrap().unwrap()).unwrap();
    }

    #[test]
    fn a_key_is_never_replaced_even_when_many_make_one_at_once() {
        let (_above, folder) = folder();
        let start = Barrier::new(8);
        let make = || {
            start.wait();
            folder.make_key().unwrap().expose().to_owned()
        };
        let keys: Vec<String> = thread::scope(|scope| {
            let threads: Vec<_> = (0..8).map(|_| scope.spawn(make)).collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).collect()
        });
        let kept = folder.read_key().unwrap().unwrap();
        assert!(keys.iter().all(|key| key == kept.expose()));
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "nothing else is left behind");
    }

    #[test]
    fn a_key_that_others_can_read_is_refused() {
        let (_above, folder) = folder();
        assert!(folder.read_key().unwrap().is_none());
        folder.make_key().unwrap();
        fs::set_permissions(folder.key_file(), fs::Permissions::from_mode(0o640)).unwrap();
        assert!(folder.read_key().unwrap_err().to_string().contains("chmod 600"));
    }
}
