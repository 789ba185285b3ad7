//! What was pushed, and what came back.

use serde::Serialize;

use crate::bounded::Entry;
use crate::courier::Heard;

/// One push, with all its attempts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Push {
    /// Its number, from 1.
    pub number: u64,
    /// When it was ordered, in Unix milliseconds of the sandbox's clock.
    pub at_ms: i64,
    /// The app or the platform that it is for.
    pub app: String,
    /// What it is: the event, or the kind of message.
    pub what: String,
    /// Where it goes, with the signature.
    pub url: String,
    /// What it says, before any encryption.
    pub xml: String,
    /// The body as it goes out.
    pub body: String,
    /// What came of it so far, at most three.
    pub attempts: Vec<Attempt>,
    /// Whether there is nothing more to come.
    pub ended: bool,
}

/// One attempt at a push.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Attempt {
    /// The HTTP status; none when there was no answer in time.
    pub status: Option<u16>,
    /// The answer's first 16 KiB.
    pub body: String,
    /// The answer out of its envelope, where it was encrypted and signed rightly.
    pub decrypted: Option<String>,
    /// Why there was no answer.
    pub error: Option<String>,
}

impl Push {
    /// Whether it was answered with 200.
    #[must_use]
    pub fn was_taken(&self) -> bool {
        self.attempts.last().is_some_and(Attempt::is_taken)
    }
}

impl Attempt {
    pub(super) fn failed(error: impl Into<String>) -> Self {
        Self { error: Some(error.into()), ..Self::default() }
    }

    pub(super) fn is_taken(&self) -> bool {
        self.status == Some(200)
    }

    fn weight(&self) -> usize {
        let optional = [&self.decrypted, &self.error];
        let optional: usize = optional.into_iter().flatten().map(String::len).sum();
        size_of::<Self>() + self.body.len() + optional
    }
}

impl From<Result<Heard, String>> for Attempt {
    fn from(heard: Result<Heard, String>) -> Self {
        match heard {
            Ok(Heard { status, body }) => Self { status: Some(status), body, ..Self::default() },
            Err(error) => Self::failed(error),
        }
    }
}

impl Entry for Push {
    fn weight(&self) -> usize {
        let texts = [&self.app, &self.what, &self.url, &self.xml, &self.body];
        let texts: usize = texts.into_iter().map(String::len).sum();
        let attempts: usize = self.attempts.iter().map(Attempt::weight).sum();
        size_of::<Self>() + texts + attempts
    }
}
