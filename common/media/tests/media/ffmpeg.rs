//! Voice converted on this machine: by its real `ffmpeg`, and by programs that take its place and
//! misbehave.

use std::env;
use std::ffi::OsStr;
use std::fs::{self, File};
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};
use tokio::time::{Instant, timeout};
use wxgate_media::storage::folder::open;
use wxgate_media::{Conversion, ConvertError, Ffmpeg, LocalConverter, MediaType, VoiceConverter};

use crate::support::{Data, STEM, ample, amr, names, stem};

/// The real one.
fn converter(data: &Data) -> LocalConverter {
    let ffmpeg = Ffmpeg::find(&env::var_os("PATH").unwrap());
    assert!(ffmpeg.is_some(), "this test needs ffmpeg and ffprobe: apt-get install ffmpeg");
    LocalConverter::new(ffmpeg, data.store.clone(), &data.tmp())
}

/// A shell script in its place, which finds its own folder in `$here`.
fn impostor(data: &Data, script: &str) -> LocalConverter {
    let program = data.path().join("ffmpeg");
    // Written by another process: what a test of this one starts at the same moment would hold the
    // file open for writing, and so keep it from being run.
    let written = Command::new("sh")
        .args(["-c", "printf '#!/bin/sh\nhere=${0%%/*}\n%s\n' \"$1\" >\"$0\" && chmod 755 \"$0\""])
        .arg(&program)
        .arg(script)
        .status();
    assert!(written.unwrap().success());
    let path = env::join_paths([data.path(), Path::new("/usr/bin"), Path::new("/bin")]).unwrap();
    LocalConverter::new(Ffmpeg::find(&path), data.store.clone(), &data.tmp())
}

async fn begin(data: &Data, converter: &LocalConverter, voice: &[u8]) -> Result<Conversion, ConvertError> {
    converter.begin(&stem(), &data.spooled(voice).await, MediaType::AMR, ample()).await
}

/// Codec, channels, bit rate and seconds, as ffprobe has it.
fn probe(file: &Path) -> (String, f64) {
    let output = Command::new("ffprobe")
        .args(["-v", "error", "-of", "csv=p=0"])
        .args(["-show_entries", "stream=codec_name,channels,bit_rate:format=duration"])
        .arg(file)
        .output()
        .unwrap();
    let told = String::from_utf8(output.stdout).unwrap();
    let (stream, seconds) = told.trim().split_once('\n').unwrap();
    (stream.to_owned(), seconds.parse().unwrap())
}

#[tokio::test]
async fn amr_becomes_an_mp3_of_the_same_length_that_ffprobe_knows() {
    let data = Data::new();

    let converted = begin(&data, &converter(&data), &amr(10)).await.unwrap();

    assert_eq!(converted, Conversion::Done { url: format!("http://gw.test/media/{STEM}.mp3") });
    let (file, media) = open(&data.media(), &format!("{STEM}.mp3")).unwrap();
    let (stream, seconds) = probe(&file);
    assert_eq!((stream.as_str(), media), ("mp3,1,48000", MediaType::MP3));
    assert!((seconds - 10.0).abs() < 0.5, "{seconds}");
    assert!(names(&data.tmp()).is_empty());
}

#[tokio::test]
async fn begun_twice_it_leads_to_the_same_file() {
    let data = Data::new();
    let converter = converter(&data);
    let first = begin(&data, &converter, &amr(1)).await.unwrap();
    assert_eq!(begin(&data, &converter, &amr(1)).await.unwrap(), first);
    assert_eq!(names(&data.media()).len(), 1);
}

#[tokio::test]
async fn what_cannot_be_decoded_fails_for_good_and_leaves_nothing() {
    let data = Data::new();
    let broken = [b"#!AMR\n".as_slice(), &[0xff; 500]].concat();
    for voice in [&b""[..], b"hello, this is no voice", b"#!AMR\n", &broken] {
        let failed = begin(&data, &converter(&data), voice).await.unwrap_err();
        assert!(matches!(failed, ConvertError::Undecodable(_)) && failed.is_permanent(), "{failed:?}");
        assert!(!failed.to_string().contains(data.path().to_str().unwrap()), "{failed}");
    }
    assert!(names(&data.media()).is_empty() && names(&data.tmp()).is_empty());
}

/// ffmpeg itself takes these for lists, and reads the files that they name.
#[tokio::test]
async fn a_playlist_in_voices_clothing_reads_no_other_file() {
    let data = Data::new();
    fs::write(data.tmp().join("other.amr"), amr(1)).unwrap();
    begin(&data, &converter(&data), &amr(1)).await.unwrap();
    let mp3 = data.media().join(format!("{STEM}.mp3"));
    let start = "#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXT-X-MEDIA-SEQUENCE:0\n#EXTINF:1.0,";
    for list in [
        format!("{start}\nfile://{}\n#EXT-X-ENDLIST\n", mp3.display()),
        "ffconcat version 1.0\nfile other.amr\n".to_owned(),
    ] {
        let failed = begin(&data, &converter(&data), list.as_bytes()).await.unwrap_err();
        assert!(matches!(failed, ConvertError::Undecodable(_)), "{failed:?}");
    }
}

#[tokio::test]
async fn voice_that_is_mp3_already_is_kept_as_it_is() {
    let data = Data::new();
    let converter = LocalConverter::new(None, data.store.clone(), &data.tmp());
    let file = data.spooled(b"ID3").await;
    converter.begin(&stem(), &file, MediaType::MP3, ample()).await.unwrap();
    assert_eq!(fs::read(data.media().join(format!("{STEM}.mp3"))).unwrap(), b"ID3");
}

#[tokio::test]
async fn without_ffmpeg_the_failure_says_what_to_do() {
    let data = Data::new();
    let nowhere = Ffmpeg::find(OsStr::new("/nonexistent"));
    let converter = LocalConverter::new(nowhere, data.store.clone(), &data.tmp());
    let failed = begin(&data, &converter, &amr(1)).await.unwrap_err();
    assert!(failed.is_permanent() && failed.to_string().contains("install ffmpeg"), "{failed}");
}

#[tokio::test]
async fn no_conversion_of_ours_is_ever_under_way() {
    let data = Data::new();
    let looked = converter(&data).look(&stem(), "1", ample()).await.unwrap_err();
    assert!(matches!(looked, ConvertError::UnknownTask) && looked.must_begin_again());
}

#[tokio::test]
async fn a_program_that_takes_too_long_is_given_up() {
    let data = Data::new();
    let (converter, file) = (impostor(&data, "exec sleep 600"), data.spooled(&amr(1)).await);
    let soon = Instant::now() + Duration::from_millis(200);
    let late = converter.begin(&stem(), &file, MediaType::AMR, soon).await.unwrap_err();
    assert!(matches!(late, ConvertError::TooSlow) && !late.is_permanent());
}

/// The program holds a pipe open: its other end tells when the program runs, and when it is gone.
#[tokio::test]
async fn a_program_that_nobody_waits_for_is_killed() {
    let data = Data::new();
    let pipe = data.path().join("pipe");
    assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    let converter = impostor(&data, "exec 3>$here/pipe; echo running >&3; exec sleep 600");
    let file = data.spooled(&amr(1)).await;
    let running = tokio::spawn(async move { converter.begin(&stem(), &file, MediaType::AMR, ample()).await });
    let mut pipe = reading(pipe);
    assert_eq!(pipe.recv().await.unwrap(), b"running\n");

    running.abort();

    let end = timeout(Duration::from_secs(30), pipe.recv()).await;
    assert_eq!(end.expect("the program is still running"), None);
}

/// What comes out of a pipe. Read on a thread of its own, which nothing has to wait for.
fn reading(pipe: PathBuf) -> UnboundedReceiver<Vec<u8>> {
    let (send, receive) = unbounded_channel();
    thread::spawn(move || {
        let (mut pipe, mut piece) = (File::open(pipe).unwrap(), [0; 64]);
        while let length @ 1.. = pipe.read(&mut piece).unwrap() {
            send.send(piece[..length].to_vec()).unwrap();
        }
    });
    receive
}

#[tokio::test]
async fn a_program_that_writes_without_end_is_cut_off() {
    let data = Data::new();
    let converter = impostor(&data, "exec cat /dev/zero");
    let failed = begin(&data, &converter, &amr(1)).await.unwrap_err();
    assert!(matches!(failed, ConvertError::TooLong { .. }) && failed.is_permanent(), "{failed:?}");
    assert!(names(&data.media()).is_empty() && names(&data.tmp()).is_empty());
}

#[tokio::test]
async fn a_program_that_complains_without_end_holds_up_nothing() {
    let data = Data::new();
    let converter = impostor(&data, "yes 'a complaint' | head -c 1200000 >&2; echo the last >&2; exit 1");
    let failed = begin(&data, &converter, &amr(1)).await.unwrap_err();
    assert_eq!(failed.to_string(), "the voice cannot be decoded: the last");
}

#[tokio::test]
async fn a_program_that_was_killed_says_nothing_about_its_input() {
    let data = Data::new();
    let converter = impostor(&data, "printf MP3; kill -9 $$");
    let failed = begin(&data, &converter, &amr(1)).await.unwrap_err();
    assert!(matches!(failed, ConvertError::Machine(_)) && !failed.is_permanent(), "{failed:?}");
    assert!(names(&data.media()).is_empty());
}

/// This process has `HOME`, and in service it has secrets.
#[tokio::test]
async fn the_program_sees_nothing_of_our_environment() {
    let data = Data::new();
    begin(&data, &impostor(&data, "env"), &amr(1)).await.unwrap();
    let seen = fs::read_to_string(data.media().join(format!("{STEM}.mp3"))).unwrap();
    let known =
        |line: &str| ["PATH=", "PWD=", "_=", "SHLVL=", "OLDPWD="].iter().any(|name| line.starts_with(name));
    assert!(seen.contains("PATH=") && seen.lines().all(known), "{seen}");
}

#[tokio::test]
async fn no_more_programs_run_at_once_than_there_are_processors() {
    let data = Arc::new(Data::new());
    let script = "mkdir $here/run-$$; ls -d $here/run-* | wc -l; rmdir $here/run-$$";
    let converter = Arc::new(impostor(&data, script));
    let runs = (0..32_u8).map(|number| {
        let (data, converter) = (Arc::clone(&data), Arc::clone(&converter));
        tokio::spawn(async move {
            let (stem, file) = ([number; 16].into(), data.spooled(b"").await);
            converter.begin(&stem, &file, MediaType::AMR, ample()).await.unwrap();
            fs::read_to_string(data.media().join(stem.with(MediaType::MP3).to_string())).unwrap()
        })
    });
    let most = thread::available_parallelism().unwrap().get();
    for run in runs.collect::<Vec<_>>() {
        let at_once: usize = run.await.unwrap().trim().parse().unwrap();
        assert!((1..=most).contains(&at_once), "{at_once}");
    }
}
