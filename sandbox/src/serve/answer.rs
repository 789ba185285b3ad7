//! From a request to what is done with its connection.

use std::convert::Infallible;
use std::future::pending;
use std::rc::Rc;
use std::sync::Arc;

use actix_web::HttpResponse;
use actix_web::body::SizedStream;
use actix_web::http::StatusCode;
use bytes::Bytes;
use futures_util::stream::{self, Stream, StreamExt};
use tokio::task::yield_now;

use super::inflict;
use super::line::Line;
use crate::calls::{Call, Ending};
use crate::endpoint::{self, Endpoint};
use crate::faults::Strike;
use crate::incoming::Incoming;
use crate::reply::Reply;
use crate::session::Session;
use crate::state::{Shared, State};

/// The name under which statistics count calls to anything that is not simulated.
const NOT_SIMULATED: &str = "(not simulated)";

/// What is done with the connection.
#[derive(Debug)]
pub(super) enum Outcome {
    /// The reply is sent.
    Answer(Reply),
    /// The reply's head and the first half of its body are sent, then the connection is closed.
    Half(Reply),
    /// The connection is closed without an answer.
    HangUp,
    /// Nothing is done until the client leaves.
    Never,
}

/// A call on its way: enough to answer it and to note how it ended, also when the client is gone.
pub(super) struct Pending {
    shared: Arc<Shared>,
    state: Arc<State>,
    incoming: Incoming,
    endpoint: Option<&'static Endpoint>,
    app: Option<String>,
    number: u64,
}

/// Answers one request, as WeChat would or as a fault rule says.
pub(super) async fn answer(shared: Arc<Shared>, incoming: Incoming) -> Outcome {
    let (pending, strike) = Pending::arrive(shared, incoming);
    match strike {
        None => {
            let reply = pending.carry_out();
            pending.ended_with(&reply, reply.took_effect);
            Outcome::Answer(reply)
        }
        // In a task of its own: WeChat, too, goes on with a call whose client gave up.
        Some(strike) => {
            actix_web::rt::spawn(inflict::inflict(pending, strike)).await.unwrap_or(Outcome::HangUp)
        }
    }
}

impl Pending {
    fn arrive(shared: Arc<Shared>, incoming: Incoming) -> (Self, Option<Strike>) {
        let state = shared.state();
        let endpoint = endpoint::find(&incoming.path);
        let app = endpoint.and_then(|endpoint| (endpoint.app_of)(&incoming, &state));
        let now = state.clock.now();
        let strike = state.faults.strike(&incoming, app.as_deref(), now, &state.chance);
        let rule = strike.as_ref().map(|strike| strike.rule_id);
        let call = Call::arriving(&incoming, app.clone(), rule, has_secrets(endpoint), now);
        let number = state.calls.arrived(call);
        shared.activity.send_replace(());
        (Self { shared, state, incoming, endpoint, app, number }, strike)
    }

    /// The right answer, with its effect.
    pub(super) fn carry_out(&self) -> Reply {
        match self.endpoint {
            Some(endpoint) => endpoint.carry_out(&self.session()),
            None => not_simulated(&self.incoming.path),
        }
    }

    pub(super) fn session(&self) -> Session<'_> {
        Session::new(&self.state, &self.incoming)
    }

    /// Makes all tokens of the call's app invalid.
    pub(super) fn rotate_tokens(&self) {
        if let Some(app) = &self.app {
            self.state.vault.rotate(app, self.state.clock.now());
        }
    }

    pub(super) fn ended_with(&self, reply: &Reply, took_effect: bool) {
        self.ended(Ending { reply: Some(reply), took_effect, label: reply.label() });
    }

    pub(super) fn ended_without_answer(&self, label: &str, took_effect: bool) {
        self.ended(Ending { reply: None, took_effect, label: label.to_owned() });
    }

    fn ended(&self, ending: Ending<'_>) {
        let path = self.endpoint.map_or(NOT_SIMULATED, |endpoint| endpoint.path);
        self.state.calls.ended(self.number, path, has_secrets(self.endpoint), ending);
        self.shared.activity.send_replace(());
    }
}

/// What is not simulated may hold secrets as well.
fn has_secrets(endpoint: Option<&Endpoint>) -> bool {
    endpoint.is_none_or(|endpoint| endpoint.has_secrets)
}

fn not_simulated(path: &str) -> Reply {
    let sentence = format!("The sandbox does not simulate {path}; /_sandbox/ says what it does.\n");
    Reply::foreign(404, "text/plain; charset=utf-8", sentence)
}

impl Outcome {
    /// Does it; comes back with what HTTP has to send, if that is still of interest.
    pub(super) async fn deliver(self, line: Option<Rc<Line>>) -> HttpResponse {
        match self {
            Self::Answer(reply) => {
                let body = reply.body.clone();
                head(&reply).body(body)
            }
            Self::Half(reply) => {
                let whole = reply.body.len() as u64;
                let half = reply.body.slice(..reply.body.len() / 2);
                head(&reply).body(SizedStream::new(whole, cut_off(half, line)))
            }
            Self::HangUp => {
                hang_up(line.as_deref());
                pending().await
            }
            Self::Never => pending().await,
        }
    }
}

fn head(reply: &Reply) -> actix_web::HttpResponseBuilder {
    let status = StatusCode::from_u16(reply.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut head = HttpResponse::build(status);
    head.content_type(reply.content_type);
    head
}

fn hang_up(line: Option<&Line>) {
    if let Some(line) = line {
        line.hang_up();
    }
}

/// Yields these bytes, lets them be written, and then shuts the connection.
fn cut_off(bytes: Bytes, line: Option<Rc<Line>>) -> impl Stream<Item = Result<Bytes, Infallible>> + 'static {
    let end = async move {
        // The server writes out what it has whenever the body makes it wait.
        yield_now().await;
        hang_up(line.as_deref());
        pending().await
    };
    stream::iter([Ok(bytes)]).chain(stream::once(end))
}
