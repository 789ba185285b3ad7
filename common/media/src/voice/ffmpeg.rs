//! `ffmpeg` as a filter: a file in, MP3 out.

use std::env;
use std::ffi::{OsStr, OsString};
use std::fs;
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use tokio::io::{AsyncRead, AsyncReadExt};
use tokio::process::{Child, Command};

use crate::{ConvertError, Spool, Spooled};

/// The longest MP3 that is taken (bytes): 45 minutes at 48 kbit/s. WeChat's voice messages last a
/// minute.
const MAX_MP3_BYTES: u64 = 16 << 20;

/// How the file is read: silently, by one thread, and as voice. Without the list of formats ffmpeg
/// would also follow playlists, and so read other files of this machine.
const INPUT: &str = "-hide_banner -nostdin -loglevel error -threads 1 -protocol_whitelist file \
                     -format_whitelist aac,amr,amrnb,amrwb,mov,mp3,ogg,wav -i";

/// One channel at 48 kbit/s, 16 kHz: speech as AMR has it, in the slowest rate that every MP3
/// player knows (8 kHz is an extension of the standard). No tags: they would tell of this machine.
const OUTPUT: &str = "-map 0:a:0 -map_metadata -1 -ac 1 -ar 16000 -c:a libmp3lame -b:a 48k \
                      -id3v2_version 0 -f mp3 pipe:1";

/// How much of what ffmpeg complains is remembered (bytes): its last lines.
const COMPLAINT: usize = 4096;

/// The longest complaint that is passed on (characters).
const LONGEST: usize = 200;

/// An ffmpeg of this machine.
#[derive(Clone, Debug)]
pub struct Ffmpeg {
    program: PathBuf,
    path: OsString,
}

impl Ffmpeg {
    /// The first `ffmpeg` in the folders of `path`, which is written as the environment's `PATH`.
    /// Waits for the disk: to be called at the start.
    #[must_use]
    pub fn find(path: &OsStr) -> Option<Self> {
        let program =
            env::split_paths(path).map(|folder| folder.join("ffmpeg")).find(|file| is_program(file))?;
        Some(Self { program, path: path.to_owned() })
    }

    /// Where it is.
    #[must_use]
    pub fn program(&self) -> &Path {
        &self.program
    }

    /// Makes an MP3 of `voice`, below `tmp`. It may take as long as it likes: dropped, it kills
    /// the program.
    ///
    /// # Errors
    /// [`ConvertError::Undecodable`], [`ConvertError::TooLong`], [`ConvertError::Machine`],
    /// [`ConvertError::Storage`].
    pub(super) async fn to_mp3(&self, voice: &Path, tmp: &Path) -> Result<Spooled, ConvertError> {
        let mut child = self.command(voice).spawn().map_err(ConvertError::Machine)?;
        let complaint = last_words(child.stderr.take());
        let (mp3, complaint) =
            tokio::try_join!(spool(child.stdout.take(), tmp), async { Ok(complaint.await) })?;
        if end(&mut child).await? && mp3.length > 0 {
            Ok(mp3)
        } else {
            Err(ConvertError::Undecodable(sentence(&complaint, voice)))
        }
    }

    /// Nothing of our environment but what finds programs: it has our secrets in it.
    fn command(&self, voice: &Path) -> Command {
        let mut input = OsString::from("file:");
        input.push(voice);
        let mut command = Command::new(&self.program);
        command
            .env_clear()
            .env("PATH", &self.path)
            .args(INPUT.split(' '))
            .arg(input)
            .args(OUTPUT.split(' '))
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true);
        command
    }
}

fn is_program(file: &Path) -> bool {
    fs::metadata(file).is_ok_and(|found| found.is_file() && found.permissions().mode() & 0o111 != 0)
}

/// Everything that comes, up to the limit.
async fn spool(output: Option<impl AsyncRead + Unpin>, tmp: &Path) -> Result<Spooled, ConvertError> {
    let mut spool = Spool::create(tmp, MAX_MP3_BYTES).await?;
    let mut piece = vec![0; 16 * 1024];
    if let Some(mut output) = output {
        while let length @ 1.. = output.read(&mut piece).await.map_err(ConvertError::Machine)? {
            spool.write(&piece[..length]).await?;
        }
    }
    Ok(spool.finish().await?)
}

/// Reads to the end, so that the program never waits for us, and keeps the last of it.
async fn last_words(output: Option<impl AsyncRead + Unpin>) -> Vec<u8> {
    let (mut words, mut piece) = (Vec::new(), [0; 1024]);
    if let Some(mut output) = output {
        while let Ok(length @ 1..) = output.read(&mut piece).await {
            words.extend_from_slice(&piece[..length]);
            words.drain(..words.len().saturating_sub(COMPLAINT));
        }
    }
    words
}

/// Whether it was content. One that was killed says nothing about its input.
async fn end(child: &mut Child) -> Result<bool, ConvertError> {
    let status = child.wait().await.map_err(ConvertError::Machine)?;
    match status.code() {
        Some(code) => Ok(code == 0),
        None => Err(ConvertError::Machine(io::Error::other(format!("ffmpeg was stopped: {status}")))),
    }
}

/// The last line, without our file's name and what else is no concern of a caller's.
fn sentence(complaint: &[u8], voice: &Path) -> Option<String> {
    let complaint = String::from_utf8_lossy(complaint);
    let line = complaint.lines().rev().map(str::trim).find(|line| !line.is_empty())?;
    let line = line.replace(&*voice.to_string_lossy(), "").replace("file:", "");
    // "[amrnb @ 0x55d3720b5940] Corrupt bitstream": the part and its address.
    let line =
        line.strip_prefix('[').and_then(|rest| rest.split_once(']')).map_or(line.as_str(), |(_, rest)| rest);
    let words = line.trim_start_matches([':', ' ']).chars().filter(|c| !c.is_control());
    Some(words.take(LONGEST).collect()).filter(|words: &String| !words.is_empty())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]
    use super::*;

    fn told(complaint: &str) -> Option<String> {
        sentence(complaint.as_bytes(), Path::new("/data/tmp/wxgate-x"))
    }

    #[test]
    fn the_last_line_of_a_complaint_is_told_without_paths_and_addresses() {
        for (complaint, expected) in [
            ("one\nfile:/data/tmp/wxgate-x: Invalid data found\n\n", Some("Invalid data found")),
            ("/data/tmp/wxgate-x: Invalid data found", Some("Invalid data found")),
            ("[amrnb @ 0x55d3720b5940] Corrupt bitstream\n", Some("Corrupt bitstream")),
            ("a\x1b[31mb", Some("a[31mb")),
            ("", None),
            ("\n \n", None),
            ("/data/tmp/wxgate-x: ", None),
        ] {
            assert_eq!(told(complaint).as_deref(), expected, "{complaint:?}");
        }
        assert_eq!(told(&"x".repeat(999)).unwrap().len(), LONGEST);
    }

    #[test]
    fn a_program_is_found_in_the_first_folder_that_has_one_to_run() {
        let dir = tempfile::tempdir().unwrap();
        for (folder, mode) in
            [("none", None), ("data", Some(0o644)), ("first", Some(0o755)), ("second", Some(0o755))]
        {
            let folder = dir.path().join(folder);
            fs::create_dir(&folder).unwrap();
            if let Some(mode) = mode {
                fs::write(folder.join("ffmpeg"), "").unwrap();
                fs::set_permissions(folder.join("ffmpeg"), fs::Permissions::from_mode(mode)).unwrap();
            }
        }
        let find = |folders: &[&str]| {
            let path = env::join_paths(folders.iter().map(|folder| dir.path().join(folder))).unwrap();
            Ffmpeg::find(&path).map(|found| found.program().to_owned())
        };
        assert_eq!(find(&["none", "data", "first", "second"]), Some(dir.path().join("first/ffmpeg")));
        assert_eq!(find(&["none", "data"]), None);
        assert!(Ffmpeg::find(OsStr::new("")).is_none());
    }
}
