//! The log of calls to Upyun.

use std::collections::BTreeMap;

use parking_lot::Mutex;
use serde::Serialize;

use super::request::Request;
use crate::bounded::{BoundedLog, Entry, Page};
use crate::calls::Ending;
use crate::clock::Moment;
use crate::faults::Spot;

/// How much of a call's path and query is kept, in bytes.
const KEPT_OF_TARGET: usize = 2 << 10;

/// One call that Upyun received. Bodies are not kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct UpyunCall {
    /// Its number in the log, from 1.
    pub number: u64,
    /// When it arrived, in Unix milliseconds of the sandbox's clock.
    pub at_ms: i64,
    /// What kind of call it is.
    pub spot: Spot,
    /// The HTTP method.
    pub method: String,
    /// Path and query as they came.
    pub target: String,
    /// How many bytes its body was announced with.
    pub length: u64,
    /// The rule that struck it.
    pub fault: Option<u64>,
    /// Whether it changed something.
    pub took_effect: bool,
    /// What was answered; none so far while it is under way, and for good when nothing was.
    pub answer: Option<UpyunAnswer>,
}

/// What was answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct UpyunAnswer {
    /// The HTTP status.
    pub status: u16,
    /// Upyun's code, 0 for success; none when the answer was not in Upyun's form.
    pub code: Option<i64>,
}

#[derive(Debug)]
struct Inner {
    log: BoundedLog<UpyunCall>,
    counts: BTreeMap<Spot, BTreeMap<String, u64>>,
}

/// All calls.
#[derive(Debug)]
pub(crate) struct UpyunCalls(Mutex<Inner>);

impl Entry for UpyunCall {
    fn weight(&self) -> usize {
        size_of::<Self>() + self.method.len() + self.target.len()
    }
}

impl UpyunCalls {
    pub(super) fn new(keep: usize) -> Self {
        Self(Mutex::new(Inner { log: BoundedLog::new(keep), counts: BTreeMap::new() }))
    }

    /// Notes a call's arrival, before its body is read, and answers its number.
    pub(crate) fn arrived(&self, request: &Request, length: u64, fault: Option<u64>, now: Moment) -> u64 {
        let mut target = request.target.clone();
        target.truncate(target.floor_char_boundary(KEPT_OF_TARGET));
        let mut inner = self.0.lock();
        let call = UpyunCall {
            number: inner.log.next_number(),
            at_ms: now,
            spot: request.spot(),
            method: request.method.clone(),
            target,
            length,
            fault,
            took_effect: false,
            answer: None,
        };
        inner.log.push(call)
    }

    /// Notes how a call ended.
    pub(crate) fn ended(&self, number: u64, spot: Spot, ending: Ending<'_>) {
        let answer = ending.reply.map(|reply| UpyunAnswer { status: reply.status, code: reply.errcode });
        let mut inner = self.0.lock();
        *inner.counts.entry(spot).or_default().entry(ending.label).or_default() += 1;
        inner.log.amend(number, |call| {
            call.took_effect = ending.took_effect;
            call.answer = answer;
        });
    }

    /// The newest calls of a kind.
    pub(crate) fn select(&self, limit: usize, spot: Option<Spot>) -> Page<UpyunCall> {
        self.0.lock().log.select(limit, |call| spot.is_none_or(|spot| call.spot == spot))
    }

    /// Calls that ended, by kind and by code or other ending.
    pub(crate) fn counts(&self) -> BTreeMap<Spot, BTreeMap<String, u64>> {
        self.0.lock().counts.clone()
    }
}
