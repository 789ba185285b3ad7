//! Tickets, which pages and cards are signed with: `GET /cgi-bin/ticket/getticket`.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use parking_lot::Mutex;
use serde_json::json;

use crate::clock::Moment;
use crate::endpoint::{Endpoint, Verb, app_by_token};
use crate::errcode::{INVALID_ARGS, Refusal};
use crate::reply::Reply;
use crate::session::Session;

/// How long a ticket lives (documented: 7200 s).
const LIFE_S: i64 = 7200;
/// How long a replaced ticket still signs: one was seen to, for over an hour.
const AFTERLIFE_MS: i64 = 3_600_000;
/// Tickets of one kind and app that can be worth something at one time.
const KEPT: usize = 2;
/// Length of a ticket; real ones have 86 characters.
const LENGTH: usize = 86;

/// The same ticket again while it lives, each time with `expires_in` 7200. Any access token of the
/// app will do, a platform's too.
pub(crate) const GET_TICKET: Endpoint = Endpoint {
    path: "/cgi-bin/ticket/getticket",
    verb: Verb::Get,
    has_secrets: true,
    app_of: app_by_token,
    answer: get_ticket,
};

/// What a ticket signs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum TicketKind {
    /// Pages that use the JS-SDK.
    Jsapi,
    /// Cards.
    Card,
}

#[derive(Debug)]
struct Ticket {
    text: Arc<str>,
    expires: Moment,
}

/// One kind of ticket of one app, the newest last.
type Drawer = VecDeque<Ticket>;

/// All tickets of all apps.
#[derive(Debug, Default)]
pub(crate) struct Tickets(Mutex<BTreeMap<(Arc<str>, TicketKind), Drawer>>);

impl Tickets {
    /// The ticket that lives, or a new one; and whether it is new.
    fn current(
        &self,
        app: &Arc<str>,
        kind: TicketKind,
        now: Moment,
        mint: impl Fn() -> String,
    ) -> (Arc<str>, bool) {
        let mut tickets = self.0.lock();
        let drawer = tickets.entry((Arc::clone(app), kind)).or_default();
        if let Some(newest) = drawer.back().filter(|ticket| now < ticket.expires) {
            return (Arc::clone(&newest.text), false);
        }
        let text: Arc<str> = Arc::from(mint());
        drawer.push_back(Ticket { text: Arc::clone(&text), expires: now + LIFE_S * 1000 });
        if drawer.len() > KEPT {
            drawer.pop_front();
        }
        (text, true)
    }

    /// The tickets that a signature of now may be made with.
    pub(crate) fn signing(&self, app: &Arc<str>, kind: TicketKind, now: Moment) -> Vec<Arc<str>> {
        let tickets = self.0.lock();
        let drawer = tickets.get(&(Arc::clone(app), kind)).into_iter().flatten();
        let good = drawer.filter(|ticket| now < ticket.expires + AFTERLIFE_MS);
        good.map(|ticket| Arc::clone(&ticket.text)).collect()
    }
}

fn get_ticket(session: &Session<'_>) -> Result<Reply, Refusal> {
    let account = session.authenticate()?;
    let kind = match session.call.query("type") {
        Some("jsapi") => TicketKind::Jsapi,
        Some("wx_card") => TicketKind::Card,
        _ => return Err(INVALID_ARGS.into()),
    };
    let mint = || session.state.chance.word(LENGTH);
    let (ticket, is_new) = session.state.tickets.current(&account.id, kind, session.now, mint);
    let body = json!({"errcode": 0, "errmsg": "ok", "ticket": &*ticket, "expires_in": LIFE_S});
    Ok(if is_new { Reply::done(&body) } else { Reply::unchanged(&body) })
}
