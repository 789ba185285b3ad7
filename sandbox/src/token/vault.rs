//! Every token that was issued, and what it is worth: valid, replaced or expired.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::sync::Arc;

use parking_lot::Mutex;
use serde::Serialize;

use crate::clock::Moment;
use crate::errcode::Refusal;

/// A replaced token stays valid this long (documented: 5 minutes).
const OVERLAP_MS: i64 = 300_000;
/// A stable token is renewed when less than this is left of it (documented: 5 minutes).
const RENEW_BELOW_MS: i64 = 300_000;
/// Forced refreshes sooner than this after another do nothing (documented: 30 seconds).
const FORCED_APART_MS: i64 = 30_000;
/// Tokens remembered: an older one counts as unknown, which WeChat answers with the same code as a
/// replaced one. Five days' worth of an app's daily quota of 2,000.
const REMEMBERED: usize = 10_000;

/// The kinds of access token; issuing one kind does not touch the others.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum Kind {
    /// Of `/cgi-bin/token`.
    Ordinary,
    /// Of `/cgi-bin/stable_token`.
    Stable,
    /// Given to a third-party platform that the app authorised.
    Authorizer,
}

/// What a token is worth at some moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Worth {
    /// It speaks for this app.
    Valid(Arc<str>),
    /// A newer one took its place and the overlap is over, or all were made invalid.
    Replaced,
    /// It lived out its time.
    Expired,
    /// Never issued, or forgotten.
    Unknown,
}

/// How many tokens an app got.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct TokensIssued {
    /// By `/cgi-bin/token`.
    pub ordinary: u64,
    /// By `/cgi-bin/stable_token`; the same token handed out again does not count.
    pub stable: u64,
    /// By `/cgi-bin/component/api_query_auth` and `…/api_authorizer_token`.
    pub authorizer: u64,
}

/// A token as it is handed out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Grant {
    pub(crate) token: Arc<str>,
    pub(crate) expires_in_s: i64,
    /// Whether it was made for this call.
    pub(crate) is_new: bool,
}

#[derive(Debug)]
struct Issued {
    app: Arc<str>,
    expires: Moment,
    /// From when on it does not count, since another took its place.
    replaced: Option<Moment>,
}

#[derive(Debug, Default)]
struct Line {
    current: Option<Arc<str>>,
    former: Option<Arc<str>>,
    last_forced: Option<Moment>,
    issued: u64,
}

#[derive(Debug, Default)]
struct Shelves {
    tokens: HashMap<Arc<str>, Issued>,
    oldest_first: VecDeque<Arc<str>>,
    lines: BTreeMap<(Arc<str>, Kind), Line>,
}

/// What a new token is to be.
pub(crate) struct Order<'a> {
    pub(crate) app: &'a Arc<str>,
    pub(crate) lifetime_s: u32,
    pub(crate) now: Moment,
    /// Makes the token's text.
    pub(crate) mint: &'a dyn Fn() -> String,
}

/// All tokens of all apps.
#[derive(Debug, Default)]
pub(crate) struct Vault(Mutex<Shelves>);

impl Vault {
    pub(crate) fn worth(&self, token: &str, now: Moment) -> Worth {
        let shelves = self.0.lock();
        match shelves.tokens.get(token) {
            None => Worth::Unknown,
            Some(issued) if issued.replaced.is_some_and(|at| now >= at) => Worth::Replaced,
            Some(issued) if now >= issued.expires => Worth::Expired,
            Some(issued) => Worth::Valid(Arc::clone(&issued.app)),
        }
    }

    /// Whose token this is or was.
    pub(crate) fn issued_to(&self, token: &str) -> Option<Arc<str>> {
        self.0.lock().tokens.get(token).map(|issued| Arc::clone(&issued.app))
    }

    /// A new ordinary token; the former works for the overlap.
    pub(crate) fn ordinary(&self, order: &Order<'_>) -> Grant {
        self.0.lock().issue(order, Kind::Ordinary)
    }

    /// A new token for a third-party platform; the former works for the overlap (WeChat's text says
    /// 'for a short time').
    pub(crate) fn authorizer(&self, order: &Order<'_>) -> Grant {
        self.0.lock().issue(order, Kind::Authorizer)
    }

    /// Ends the tokens that a platform has of an app, without overlap.
    pub(crate) fn end_authorizer(&self, app: &Arc<str>, now: Moment) {
        let mut shelves = self.0.lock();
        let line = shelves.line(app, Kind::Authorizer);
        let tokens = [line.current.take(), line.former.take()];
        tokens.iter().flatten().for_each(|token| shelves.replace(token, now));
    }

    /// The stable token: the current one, unless there is none or it is about to expire.
    pub(crate) fn stable(&self, order: &Order<'_>) -> Grant {
        self.0.lock().stable(order)
    }

    /// A new stable token, if `may_force` allows; too soon after another forced one, the current
    /// one. The former works for the overlap; the one before it, if it still does, ends at once:
    /// that is how two forced refreshes end a leaked token.
    pub(crate) fn forced(
        &self,
        order: &Order<'_>,
        may_force: impl FnOnce() -> Result<(), Refusal>,
    ) -> Result<Grant, Refusal> {
        let mut shelves = self.0.lock();
        let last = shelves.line(order.app, Kind::Stable).last_forced;
        if last.is_some_and(|last| order.now - last < FORCED_APART_MS) {
            return Ok(shelves.stable(order));
        }
        may_force()?;
        shelves.line(order.app, Kind::Stable).last_forced = Some(order.now);
        if let Some(former) = shelves.line(order.app, Kind::Stable).former.take() {
            shelves.replace(&former, order.now);
        }
        Ok(shelves.issue(order, Kind::Stable))
    }

    /// Makes all tokens of an app invalid at once, without overlap: what it looks like from here
    /// when somebody else fetched new ones.
    pub(crate) fn rotate(&self, app: &str, now: Moment) {
        let mut shelves = self.0.lock();
        for issued in shelves.tokens.values_mut().filter(|issued| &*issued.app == app) {
            issued.replaced = Some(issued.replaced.map_or(now, |at| at.min(now)));
        }
        for (_, line) in shelves.lines.iter_mut().filter(|((owner, _), _)| &**owner == app) {
            (line.current, line.former) = (None, None);
        }
    }

    /// How many tokens each app got.
    pub(crate) fn issued(&self) -> BTreeMap<String, TokensIssued> {
        let mut by_app = BTreeMap::<String, TokensIssued>::new();
        for ((app, kind), line) in &self.0.lock().lines {
            let counts = by_app.entry(app.to_string()).or_default();
            match kind {
                Kind::Ordinary => counts.ordinary = line.issued,
                Kind::Stable => counts.stable = line.issued,
                Kind::Authorizer => counts.authorizer = line.issued,
            }
        }
        by_app
    }
}

impl Grant {
    fn again(token: Arc<str>, left_ms: i64) -> Self {
        Self { token, expires_in_s: left_ms / 1000, is_new: false }
    }
}

impl Shelves {
    fn line(&mut self, app: &Arc<str>, kind: Kind) -> &mut Line {
        self.lines.entry((Arc::clone(app), kind)).or_default()
    }

    fn stable(&mut self, order: &Order<'_>) -> Grant {
        match self.current_stable(order) {
            Some((token, left_ms)) if left_ms >= RENEW_BELOW_MS => Grant::again(token, left_ms),
            _ => self.issue(order, Kind::Stable),
        }
    }

    fn current_stable(&mut self, order: &Order<'_>) -> Option<(Arc<str>, i64)> {
        let current = self.line(order.app, Kind::Stable).current.clone()?;
        let left_ms = self.tokens.get(&current)?.expires - order.now;
        Some((current, left_ms))
    }

    fn issue(&mut self, order: &Order<'_>, kind: Kind) -> Grant {
        let token: Arc<str> = Arc::from((order.mint)());
        let line = self.line(order.app, kind);
        line.issued += 1;
        line.former = line.current.replace(Arc::clone(&token));
        if let Some(former) = line.former.clone() {
            self.replace(&former, order.now + OVERLAP_MS);
        }
        self.remember(&token, order);
        Grant { token, expires_in_s: i64::from(order.lifetime_s), is_new: true }
    }

    fn remember(&mut self, token: &Arc<str>, order: &Order<'_>) {
        let issued = Issued {
            app: Arc::clone(order.app),
            expires: order.now + i64::from(order.lifetime_s) * 1000,
            replaced: None,
        };
        self.tokens.insert(Arc::clone(token), issued);
        self.oldest_first.push_back(Arc::clone(token));
        if self.oldest_first.len() > REMEMBERED
            && let Some(oldest) = self.oldest_first.pop_front()
        {
            self.tokens.remove(&oldest);
        }
    }

    fn replace(&mut self, token: &str, from: Moment) {
        if let Some(issued) = self.tokens.get_mut(token) {
            issued.replaced = Some(issued.replaced.map_or(from, |at| at.min(from)));
        }
    }
}
