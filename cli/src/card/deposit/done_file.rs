//! Which codes are in, remembered beside the file that they came from: whoever runs the command again sends
//! only the others. A line is written once WeChat has confirmed its code.

use std::collections::HashSet;
use std::fs::{File, OpenOptions};
use std::io::{Read as _, Write as _};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};

/// The file, open for more.
#[derive(Debug)]
pub(super) struct DoneFile {
    /// Where it is.
    pub(super) path: PathBuf,
    file: File,
    /// What it names.
    pub(super) codes: HashSet<String>,
}

impl DoneFile {
    /// Opens `FILE.CARD.done`, or makes it. A last line without its end is cut off: its writer was stopped.
    ///
    /// # Errors
    /// When it cannot be read or written, or is about another app's card.
    pub(super) fn open(codes: &Path, app_id: &str, card_id: &str) -> anyhow::Result<Self> {
        let mut path = codes.as_os_str().to_owned();
        path.push(format!(".{card_id}.done"));
        let path = PathBuf::from(path);
        let cannot = || format!("{} cannot be read and written", path.display());
        let unreadable =
            || format!("{} is no list of codes: move it away, which costs time alone", path.display());
        let mut file =
            OpenOptions::new().read(true).append(true).create(true).open(&path).with_context(cannot)?;
        let mut text = String::new();
        file.read_to_string(&mut text).with_context(unreadable)?;
        let whole = text.rfind('\n').map_or(0, |end| end + 1);
        file.set_len(whole as u64).with_context(cannot)?;
        let mut lines = text[..whole].lines();
        let heading = format!("# codes of card {card_id} of app {app_id} that are in");
        match lines.next() {
            None => writeln!(file, "{heading}").with_context(cannot)?,
            Some(first) if first == heading => {}
            Some(_) => bail!("{} is about another card: move it away", path.display()),
        }
        let codes = lines.map(str::to_owned).collect();
        Ok(Self { path, file, codes })
    }

    /// Notes more codes.
    ///
    /// # Errors
    /// When they cannot be written.
    pub(super) fn add(&mut self, codes: &[String]) -> anyhow::Result<()> {
        let lines: String = codes.iter().flat_map(|code| [code.as_str(), "\n"]).collect();
        let written = self.file.write_all(lines.as_bytes());
        written.with_context(|| format!("{} cannot be written", self.path.display()))?;
        self.codes.extend(codes.iter().cloned());
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use super::*;

    #[test]
    fn what_was_noted_is_known_again_but_for_a_line_that_broke_off() {
        let folder = tempfile::tempdir().unwrap();
        let codes = folder.path().join("codes.csv");
        let open = || DoneFile::open(&codes, "wx1", "p1").unwrap();
        open().add(&["0001".to_owned(), "码2".to_owned()]).unwrap();
        let path = folder.path().join("codes.csv.p1.done");
        OpenOptions::new().append(true).open(&path).unwrap().write_all(b"00").unwrap();
        let mut done = open();
        assert_eq!(done.codes, ["0001", "码2"].map(str::to_owned).into());
        done.add(&["0003".to_owned()]).unwrap();
        assert_eq!(open().codes, ["0001", "码2", "0003"].map(str::to_owned).into());
    }

    #[test]
    fn whoever_cannot_use_the_file_is_told_the_way_out() {
        let folder = tempfile::tempdir().unwrap();
        let codes = folder.path().join("codes.csv");
        std::fs::write(folder.path().join("codes.csv.p1.done"), b"\xff\n").unwrap();
        assert!(DoneFile::open(&codes, "wx1", "p1").unwrap_err().to_string().contains("move it away"));
    }

    #[test]
    fn each_card_has_a_file_of_its_own() {
        let folder = tempfile::tempdir().unwrap();
        let codes = folder.path().join("codes.csv");
        DoneFile::open(&codes, "wx1", "p1").unwrap().add(&["1".to_owned()]).unwrap();
        assert!(DoneFile::open(&codes, "wx1", "p2").unwrap().codes.is_empty());
        assert!(DoneFile::open(&codes, "wx2", "p1").unwrap_err().to_string().contains("another card"));
    }
}
