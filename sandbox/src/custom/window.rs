//! How long, and how often, an app may answer a user.

use serde::Deserialize;

use crate::clock::Moment;
use crate::errcode::{OUT_OF_COUNT, OUT_OF_TIME, Refusal};

/// Somebody who wrote within this time counts as talking, for the typing mark (45080: 30 s).
const TALKING_MS: i64 = 30_000;

/// What a user did that lets the app answer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Contact {
    /// Wrote a message: 5 answers within 48 hours (documented).
    #[default]
    Message,
    /// Used the menu, followed, or scanned a QR code: 3 answers within a minute (documented).
    Action,
}

/// What is left of a user's last contact.
#[derive(Clone, Copy, Debug)]
pub(super) struct Window {
    opened: Moment,
    ends: Moment,
    left: u32,
}

impl Window {
    pub(super) fn open(contact: Contact, now: Moment) -> Self {
        let (length_ms, left) = match contact {
            Contact::Message => (48 * 3_600_000, 5),
            Contact::Action => (60_000, 3),
        };
        Self { opened: now, ends: now + length_ms, left }
    }

    /// Takes one answer, if one is left.
    pub(super) fn spend(&mut self, now: Moment) -> Result<(), Refusal> {
        if now >= self.ends {
            return Err(OUT_OF_TIME.into());
        }
        self.left = self.left.checked_sub(1).ok_or(OUT_OF_COUNT)?;
        Ok(())
    }

    pub(super) fn is_talking(&self, now: Moment) -> bool {
        now - self.opened < TALKING_MS
    }

    pub(super) fn is_over(&self, now: Moment) -> bool {
        now >= self.ends
    }
}
