//! The log of what the sandbox was sent and what it answered, tokens and secrets shortened.

use std::collections::{BTreeMap, HashMap};

use parking_lot::Mutex;
use serde::Serialize;

use crate::bounded::{BoundedLog, Entry, Page};
use crate::clock::Moment;
use crate::incoming::Incoming;
use crate::redaction::{is_secret, shorten, shown};
use crate::reply::Reply;

/// One call that the sandbox received.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Call {
    /// Its number in the log, from 1, in order of arrival.
    pub number: u64,
    /// When it arrived, in Unix milliseconds of the sandbox's clock.
    pub at_ms: i64,
    /// The app that it was for, as far as it can be told.
    pub app: Option<String>,
    /// The HTTP method.
    pub method: String,
    /// The path.
    pub path: String,
    /// The query, with tokens and secrets shortened.
    pub query: BTreeMap<String, String>,
    /// The body's first 16 KiB, with tokens and secrets shortened.
    pub body: String,
    /// Who sent it (address and port).
    pub peer: String,
    /// The rule that struck it.
    pub fault: Option<u64>,
    /// Whether it changed something: sent a message, issued a token.
    pub took_effect: bool,
    /// What was answered; none so far while it is held up, and for good when the connection was
    /// dropped or left hanging.
    pub answer: Option<Answer>,
}

/// What was answered to a call.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// WeChat's return code: 0 for success, also where the body omits it.
    pub errcode: Option<i64>,
    /// The body's first 16 KiB, with tokens and secrets shortened; where it was cut off, the whole.
    pub body: String,
}

/// How a call ended.
pub(crate) struct Ending<'a> {
    /// What was answered, unless nothing was.
    pub(crate) reply: Option<&'a Reply>,
    pub(crate) took_effect: bool,
    /// The word under which it is counted.
    pub(crate) label: String,
}

impl Entry for Call {
    fn weight(&self) -> usize {
        // A map of up to eleven pairs is one node of about 600 bytes.
        let query: usize = self.query.iter().map(|(name, value)| name.len() + value.len()).sum();
        let answer = self.answer.as_ref().map_or(0, |answer| answer.body.len());
        size_of::<Self>() + 600 + query + self.body.len() + answer
    }
}

#[derive(Debug)]
struct Inner {
    log: BoundedLog<Call>,
    counts: HashMap<(&'static str, String), u64>,
}

/// All calls of all apps.
#[derive(Debug)]
pub(crate) struct CallLog(Mutex<Inner>);

impl CallLog {
    /// Keeps the newest `keep` calls.
    pub(crate) fn new(keep: usize) -> Self {
        Self(Mutex::new(Inner { log: BoundedLog::new(keep), counts: HashMap::new() }))
    }

    /// Notes a call's arrival and answers its number.
    pub(crate) fn arrived(&self, mut call: Call) -> u64 {
        let mut inner = self.0.lock();
        call.number = inner.log.next_number();
        inner.log.push(call)
    }

    /// Notes how a call ended. `counted_as` is the path for statistics.
    pub(crate) fn ended(&self, number: u64, counted_as: &'static str, has_secrets: bool, ending: Ending<'_>) {
        let answer = ending.reply.map(|reply| Answer::of(reply, has_secrets));
        let mut inner = self.0.lock();
        *inner.counts.entry((counted_as, ending.label)).or_default() += 1;
        inner.log.amend(number, |call| {
            call.took_effect = ending.took_effect;
            call.answer = answer;
        });
    }

    /// The newest calls that a filter lets through.
    pub(crate) fn select(&self, limit: usize, keep: impl Fn(&Call) -> bool) -> Page<Call> {
        self.0.lock().log.select(limit, keep)
    }

    /// Calls that ended, by path and by errcode or other ending.
    pub(crate) fn counts(&self) -> BTreeMap<String, BTreeMap<String, u64>> {
        let mut by_path = BTreeMap::<String, BTreeMap<String, u64>>::new();
        for ((path, label), count) in &self.0.lock().counts {
            by_path.entry((*path).to_owned()).or_default().insert(label.clone(), *count);
        }
        by_path
    }
}

impl Call {
    /// What is known when a call arrives.
    pub(crate) fn arriving(
        call: &Incoming,
        app: Option<String>,
        fault: Option<u64>,
        has_secrets: bool,
        at_ms: Moment,
    ) -> Self {
        let query = call.queries().map(|(name, value)| {
            let shown = if is_secret(name) { shorten(value) } else { value.to_owned() };
            (name.to_owned(), shown)
        });
        Self {
            number: 0,
            at_ms,
            app,
            method: call.method.clone(),
            path: call.path.clone(),
            query: query.collect(),
            body: shown(&call.body, has_secrets),
            peer: call.peer.to_string(),
            fault,
            took_effect: false,
            answer: None,
        }
    }
}

impl Answer {
    fn of(reply: &Reply, has_secrets: bool) -> Self {
        let body = shown(&reply.body, has_secrets && reply.errcode.is_some());
        Self { status: reply.status, errcode: reply.errcode, body }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_shortened_in_queries_and_bodies() {
        let body = r#"{"appid":"wx1","secret":"hunter2-hunter2"}"#;
        let incoming = Incoming::local("POST", "/x?access_token=ABCDEFGHIJKL&secret=abc", body);
        let call = Call::arriving(&incoming, None, None, true, 0);

        assert_eq!(call.query["access_token"], "ABCDEFGH…");
        assert_eq!(call.query["secret"], "…");
        assert_eq!(call.body, r#"{"appid":"wx1","secret":"hunter2-…"}"#);
    }
}
