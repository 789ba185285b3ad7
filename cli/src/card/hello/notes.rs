//! What a walk remembers, so that the same command goes on from where it stopped.

use std::io::Write as _;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest as _, Sha256};
use tempfile::NamedTempFile;

/// How far a walk came, and with what.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Done {
    app_id: String,
    /// The SHA-256 of the logo's file.
    logo: String,
    /// The SHA-256 of the card's file.
    card: String,
    /// The logo at WeChat.
    pub(super) logo_url: Option<String>,
    /// The card was asked for, and no answer came.
    pub(super) card_in_doubt: bool,
    /// The card.
    pub(super) card_id: Option<String>,
    /// What the QR code hands out.
    pub(super) handed_out: Option<Value>,
    /// The QR code's ticket.
    pub(super) ticket: Option<String>,
    /// What the QR code says.
    pub(super) qrcode_url: Option<String>,
}

impl Done {
    /// A walk with these things that has not begun.
    pub(super) fn nothing(app_id: &str, logo: &[u8], card: &[u8]) -> Self {
        let hash = |file: &[u8]| hex::encode(Sha256::digest(file));
        Self { app_id: app_id.to_owned(), logo: hash(logo), card: hash(card), ..Self::default() }
    }

    /// What of it a walk with these things can go on with: until the card is made, its files can be
    /// corrected. `None` when it is another walk.
    fn for_the_walk(self, with: &Self) -> Option<Self> {
        let is_made = self.card_in_doubt || self.card_id.is_some();
        let (same_logo, same_card) = (self.logo == with.logo, self.card == with.card);
        if self.app_id != with.app_id || is_made && !(same_logo && same_card) {
            return None;
        }
        let logo_url = self.logo_url.clone().filter(|_| same_logo);
        Some(if is_made { self } else { Self { logo_url, ..with.clone() } })
    }
}

/// [`Done`] and where it is kept; nowhere, for a walk that is only for show.
#[derive(Debug, Default)]
pub(super) struct Notes {
    file: Option<PathBuf>,
    pub(super) done: Done,
}

impl Notes {
    /// Reads the notes of the walk that begins with `nothing`, if there are any; `anew` forgets them.
    ///
    /// # Errors
    /// When the file holds something else, such as another walk's notes.
    pub(super) fn open(file: &Path, nothing: Done, anew: bool) -> anyhow::Result<Self> {
        let done = if anew || !file.exists() { Some(nothing) } else { read(file)?.for_the_walk(&nothing) };
        let Some(done) = done else {
            bail!(
                "{} notes a card of another app, or made of another logo or card file: say --anew to forget it \
                 and make another, or --notes to keep notes elsewhere",
                file.display()
            );
        };
        Ok(Self { file: Some(file.to_owned()), done })
    }

    /// Keeps what is noted: whole or not at all, also when the power fails.
    ///
    /// # Errors
    /// When it cannot be written.
    pub(super) fn keep(&self) -> anyhow::Result<()> {
        let Some(path) = &self.file else { return Ok(()) };
        let keep = || {
            let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
            let mut file = NamedTempFile::new_in(folder.unwrap_or(Path::new(".")))?;
            writeln!(file, "{}", serde_json::to_string_pretty(&self.done)?)?;
            file.as_file().sync_all()?;
            file.persist(path).map_err(|refused| refused.error)
        };
        keep().map(drop).with_context(|| format!("{} cannot be written", path.display()))
    }

    /// Where they are kept, once there are any.
    pub(super) fn file(&self) -> Option<&Path> {
        self.file.as_deref().filter(|file| file.exists())
    }
}

fn read(file: &Path) -> anyhow::Result<Done> {
    let cannot = || {
        format!(
            "{} cannot be read as notes of a walk: name another with --notes, or say --anew",
            file.display()
        )
    };
    let text = std::fs::read_to_string(file).with_context(cannot)?;
    serde_json::from_str(&text).with_context(cannot)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use super::*;

    /// A folder's notes, opened for a walk with an app, a logo and a card.
    struct Shelf(tempfile::TempDir);

    impl Shelf {
        fn file(&self) -> PathBuf {
            self.0.path().join("notes.json")
        }

        fn open(&self, with: [&str; 3], anew: bool) -> anyhow::Result<Notes> {
            let [app_id, logo, card] = with;
            Notes::open(&self.file(), Done::nothing(app_id, logo.as_bytes(), card.as_bytes()), anew)
        }

        /// The noted logo and card.
        fn noted(&self, with: [&str; 3]) -> [Option<String>; 2] {
            let done = self.open(with, false).unwrap().done;
            [done.logo_url, done.card_id]
        }
    }

    fn shelf() -> Shelf {
        Shelf(tempfile::tempdir().unwrap())
    }

    const WALK: [&str; 3] = ["wx1", "logo", "card"];

    #[test]
    fn until_the_card_is_made_its_files_can_be_corrected() {
        let shelf = shelf();
        let mut notes = shelf.open(WALK, false).unwrap();
        notes.done.logo_url = Some("http://logo/".to_owned());
        assert_eq!(notes.file(), None);
        notes.keep().unwrap();
        assert_eq!(notes.file(), Some(&*shelf.file()));
        let logo = notes.done.logo_url.clone();
        assert_eq!(shelf.noted(WALK), [logo.clone(), None]);
        assert_eq!(shelf.noted(["wx1", "logo", "better card"]), [logo, None]);
        assert_eq!(shelf.noted(["wx1", "better logo", "card"]), [None, None]);
        assert!(shelf.open(["wx2", "logo", "card"], false).is_err());
    }

    #[test]
    fn notes_of_a_card_are_for_what_it_was_made_of() {
        for in_doubt in [false, true] {
            let shelf = shelf();
            let mut notes = shelf.open(WALK, false).unwrap();
            notes.done.card_id = Some("p1".to_owned()).filter(|_| !in_doubt);
            notes.done.card_in_doubt = in_doubt;
            notes.keep().unwrap();
            assert_eq!(shelf.open(WALK, false).unwrap().done, notes.done);
            for other in [["wx2", "logo", "card"], ["wx1", "logo2", "card"], ["wx1", "logo", "card2"]] {
                assert!(shelf.open(other, false).unwrap_err().to_string().contains("--anew"));
                assert_eq!(shelf.open(other, true).unwrap().done.card_id, None);
            }
        }
    }

    #[test]
    fn other_files_are_no_notes() {
        let shelf = shelf();
        std::fs::write(shelf.file(), "{\"shopping\": []}").unwrap();
        let error = shelf.open(WALK, false).unwrap_err().to_string();
        assert!(error.contains("--notes") && error.contains("--anew"), "{error}");
        assert_eq!(shelf.open(WALK, true).unwrap().done.card_id, None);
    }
}
