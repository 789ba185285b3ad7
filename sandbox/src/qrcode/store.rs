//! The QR codes that were made, by ticket.

use std::collections::{HashMap, VecDeque};

use parking_lot::Mutex;
use serde::Serialize;
use serde_json::Value;

use crate::clock::Moment;
use crate::errcode::{Refusal, TOO_MANY_QRCODES};

/// Codes remembered, the newest, and what they take at most, in bytes.
const REMEMBERED: usize = 200_000;
const MOST_BYTES: usize = 128 << 20;
/// Permanent codes of one app (documented: 100,000).
const PERMANENT: usize = 100_000;

/// A QR code that was made, of a scene or of cards.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct QrCode {
    /// The ticket that its picture is asked for with.
    pub ticket: String,
    /// What the picture says.
    pub url: String,
    /// The app that made it.
    pub app: String,
    /// `QR_SCENE`, `QR_CARD`, …
    pub action_name: String,
    /// The scene or the cards.
    pub action_info: Value,
    /// When it ends, in Unix milliseconds of the sandbox's clock; none: never.
    pub expires_ms: Option<i64>,
}

#[derive(Debug, Default)]
struct Book {
    codes: HashMap<String, QrCode>,
    oldest_first: VecDeque<String>,
    bytes: usize,
    permanent: HashMap<String, usize>,
}

/// All QR codes of all apps.
#[derive(Debug, Default)]
pub(crate) struct QrCodes(Mutex<Book>);

impl QrCodes {
    pub(super) fn keep(&self, code: QrCode, now: Moment) -> Result<(), Refusal> {
        let mut book = self.0.lock();
        if code.expires_ms.is_none() {
            let permanent = book.permanent.entry(code.app.clone()).or_default();
            if *permanent >= PERMANENT {
                return Err(TOO_MANY_QRCODES.into());
            }
            *permanent += 1;
        }
        book.bytes += code.weight();
        book.oldest_first.push_back(code.ticket.clone());
        book.codes.insert(code.ticket.clone(), code);
        book.forget_surplus(now);
        Ok(())
    }

    /// What the picture says, while the code lives.
    pub(super) fn url_of(&self, ticket: &str, now: Moment) -> Option<String> {
        let book = self.0.lock();
        book.codes.get(ticket).filter(|code| code.lives(now)).map(|code| code.url.clone())
    }

    pub(super) fn app_of(&self, ticket: &str) -> Option<String> {
        self.0.lock().codes.get(ticket).map(|code| code.app.clone())
    }

    /// The newest codes, newest last.
    pub(crate) fn newest(&self, app: Option<&str>, limit: usize) -> Vec<QrCode> {
        let book = self.0.lock();
        let newest_first = book.oldest_first.iter().rev().filter_map(|ticket| book.codes.get(ticket));
        let of_app = newest_first.filter(|code| app.is_none_or(|app| code.app == app));
        let mut codes: Vec<QrCode> = of_app.take(limit).cloned().collect();
        codes.reverse();
        codes
    }
}

impl QrCode {
    fn lives(&self, now: Moment) -> bool {
        self.expires_ms.is_none_or(|expires| now < expires)
    }

    /// Roughly how much memory it takes, in bytes.
    fn weight(&self) -> usize {
        // A parsed tree takes several times its text.
        size_of::<Self>() + 300 + 4 * self.action_info.to_string().len()
    }
}

impl Book {
    fn forget_surplus(&mut self, now: Moment) {
        while let Some(oldest) = self.oldest_first.front() {
            let is_over = self.codes.get(oldest).is_some_and(|code| !code.lives(now));
            if !is_over && self.oldest_first.len() <= REMEMBERED && self.bytes <= MOST_BYTES {
                return;
            }
            self.bytes -= self.codes.remove(oldest).map_or(0, |code| code.weight());
            self.oldest_first.pop_front();
        }
    }
}
