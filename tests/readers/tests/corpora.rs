//! Every file of the corpora, and thousands of changed ones, the same each time: what a fuzzer has found stays found,
//! without a fuzzer.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::fs;
use std::path::{Path, PathBuf};

use rand::rngs::StdRng;
use rand::seq::IndexedRandom as _;
use rand::{RngExt as _, SeedableRng as _};
use wxgate_readers::READERS;

/// Changed files for each reader. All of them take a few seconds without optimisation.
const CHANGED: u32 = 6_000;
/// Changes of one file at most.
const MOST_CHANGES: u32 = 6;
/// What readers look at: lengths, ends, escapes.
const TELLING: [&[u8]; 14] = [
    b"\0",
    b"\xff",
    b"\xff\xff\xff\xff",
    b"\0\0\0\0",
    b"\x7f\xff\xff\xff",
    b"\x80\0\0\0",
    b"%",
    b"&",
    b"=",
    b"\n",
    b"<!",
    b"&#x10ffff;",
    b"]]>",
    b"moov",
];

fn corpora() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/corpus")
}

fn corpus(name: &str) -> Vec<Vec<u8>> {
    let mut files: Vec<PathBuf> =
        fs::read_dir(corpora().join(name)).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files.into_iter().map(|file| fs::read(file).unwrap()).collect()
}

/// One file with a few changes, or two that were joined.
fn changed(corpus: &[Vec<u8>], random: &mut StdRng) -> Vec<u8> {
    let mut file = corpus.choose(random).unwrap().clone();
    for _ in 0..random.random_range(1..=MOST_CHANGES) {
        let at = random.random_range(0..=file.len());
        let end = random.random_range(at..=file.len().min(at + 16));
        match random.random_range(0..6) {
            0 if at < file.len() => file[at] ^= 1 << random.random_range(0..8),
            1 if at < file.len() => file[at] = random.random(),
            2 => drop(file.drain(at..end)),
            3 => drop(file.splice(at..end, TELLING.choose(random).unwrap().iter().copied())),
            4 => {
                let piece = file[at..end].to_vec();
                drop(file.splice(at..at, piece));
            }
            _ => {
                let other = corpus.choose(random).unwrap();
                let from = random.random_range(0..=other.len());
                file.truncate(at);
                file.extend_from_slice(&other[from..]);
            }
        }
    }
    file
}

#[test]
fn no_reader_panics_or_breaks_a_promise() {
    for (name, read) in READERS {
        let corpus = corpus(name);
        assert!(corpus.len() >= 3, "{name} has hardly a corpus");
        for file in &corpus {
            read(file);
        }
        read(b"");
        let mut random = StdRng::seed_from_u64(0x5eed);
        for number in 0..CHANGED {
            let file = changed(&corpus, &mut random);
            // Its bytes are told if it fails: they belong into the corpus then.
            let told = std::panic::catch_unwind(|| read(&file));
            assert!(told.is_ok(), "{name}, changed file {number}: {}", file.escape_ascii());
        }
    }
}

#[test]
fn each_reader_has_a_fuzz_target_and_each_target_a_reader() {
    let targets = corpora().join("../fuzz_targets");
    let mut targets: Vec<String> = fs::read_dir(targets)
        .unwrap()
        .map(|entry| entry.unwrap().path().file_stem().unwrap().to_str().unwrap().to_owned())
        .collect();
    targets.sort();
    assert_eq!(targets, READERS.map(|(name, _)| name));
}
