//! A process that is killed while it keeps a file.

use std::env;
use std::fs;
use std::io::Write;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use tempfile::TempPath;
use wxgate_media::storage::folder::open;
use wxgate_media::{Folder, MediaStore, MediaType, Spooled, sweep};

use crate::support::{Data, STEM, ample, names, stem};

/// Where the process that is to be killed finds its data folder.
const DATA: &str = "WXGATE_TEST_MEDIA_DATA";
/// What it is to keep (bytes), and half of it. A pipe holds 64 KiB.
const WHOLE: usize = 2 << 20;
const HALF: usize = 1 << 20;

/// The file that is to be kept comes through a pipe. A half of it was written and taken when the
/// process is killed, so it certainly was in the middle.
#[tokio::test]
async fn a_put_that_is_killed_in_the_middle_leaves_nothing_to_be_seen() {
    let data = Data::new();
    let mut putting = start_putting(data.path());
    putting.stdin.as_mut().unwrap().write_all(&vec![7; HALF]).unwrap();

    putting.kill().unwrap();
    putting.wait().unwrap();

    let name = format!("{STEM}.mp4");
    assert!(names(&data.media()).is_empty() && open(&data.media(), &name).is_none());
    assert_eq!(names(&data.tmp()).len(), 1, "the half that was written");
    assert_eq!(sweep(&data.tmp(), Duration::ZERO).await.unwrap(), 1);

    let again = data.spooled(&vec![7; WHOLE]).await;
    data.store.put(&stem().with(MediaType::MP4), &again, "video/mp4", ample()).await.unwrap();
    let (path, _) = open(&data.media(), &name).unwrap();
    assert_eq!(fs::metadata(path).unwrap().len(), WHOLE as u64);
}

fn start_putting(data: &Path) -> Child {
    symlink("/dev/stdin", data.join("pipe")).unwrap();
    Command::new(env::current_exe().unwrap())
        .args(["--exact", "--ignored", "killed::keeps_what_comes_through_a_pipe"])
        .env(DATA, data)
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
}

#[tokio::test]
#[ignore = "runs as a process of its own, to be killed"]
async fn keeps_what_comes_through_a_pipe() {
    let data = PathBuf::from(env::var_os(DATA).unwrap());
    let store = Folder::create(&data, "http://gw.test").unwrap();
    let path = TempPath::try_from_path(data.join("pipe")).unwrap();
    let file = Spooled { path, length: WHOLE as u64, md5: String::new(), start: Vec::new() };
    store.put(&stem().with(MediaType::MP4), &file, "video/mp4", ample()).await.unwrap();
}
