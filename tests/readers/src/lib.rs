//! Whatever reads bytes that a stranger may have written, each as one function that takes any bytes and panics when
//! the reader does, or when what it read breaks a promise of its own.
//!
//! Two kinds of programs run them: the fuzz targets in `fuzz/`, for as long as somebody lets them (`scripts/fuzz`),
//! and the test beside this, which takes every file of the corpora and a fixed number of changed ones each time.

#![allow(clippy::missing_panics_doc, reason = "panicking is how they tell")]

pub mod doorbell;
pub mod file;
pub mod form;
pub mod notify;
pub mod push;
pub mod signature;

/// A reader, under the name of its fuzz target and of its corpus.
pub type Reader = (&'static str, fn(&[u8]));

/// All of them.
pub const READERS: [Reader; 8] = [
    ("doorbell", doorbell::read),
    ("envelope", push::envelope),
    ("form", form::read),
    ("notify", notify::read),
    ("picture", file::picture),
    ("push", push::xml),
    ("signature", signature::read),
    ("video", file::video),
];
