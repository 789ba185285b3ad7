//! From a call to Upyun to what is done with its connection. Unlike with WeChat the head decides
//! first, since bodies are large: they are read only when there is room for them.

use std::collections::HashMap;
use std::rc::Rc;
use std::sync::Arc;

use actix_web::web::{Data, Payload};
use actix_web::{HttpRequest, HttpResponse, Responder};
use bytes::{Bytes, BytesMut};
use futures_util::StreamExt;

use super::inflict::{Struck, inflict};
use super::line::Line;
use super::outcome::Outcome;
use crate::calls::Ending;
use crate::faults::{Fault, Spot, Strike, When};
use crate::reply::Reply;
use crate::state::{Shared, State};
use crate::upyun::{self, Problem, Request, Room, Visit};

/// What is set aside at once for a body, whatever length it claims, in bytes.
const FIRST_PIECE: u64 = 1 << 20;

/// Any request.
pub(super) async fn call(request: HttpRequest, payload: Payload, shared: Data<Shared>) -> HttpResponse {
    let line = request.conn_data::<Rc<Line>>().cloned();
    let outcome = answer(shared.into_inner(), read_head(&request), payload).await;
    outcome.deliver(line).await.respond_to(&request).map_into_boxed_body()
}

fn read_head(request: &HttpRequest) -> Request {
    let headers = request.headers().iter().map(|(name, value)| {
        (name.as_str().to_owned(), String::from_utf8_lossy(value.as_bytes()).into_owned())
    });
    let target = request.uri().path_and_query().map_or("/", |target| target.as_str());
    Request::new(request.method().as_str(), target, headers.collect::<HashMap<_, _>>(), Bytes::new())
}

/// A call on its way.
struct Pending {
    shared: Arc<Shared>,
    state: Arc<State>,
    request: Request,
    room: Arc<Room>,
    spot: Spot,
    number: u64,
}

async fn answer(shared: Arc<Shared>, head: Request, payload: Payload) -> Outcome {
    let (mut pending, strike) = Pending::arrive(shared, head);
    let length = match pending.announced() {
        Ok(length) => length,
        Err(problem) => return pending.refused(&problem),
    };
    // Only now, so that who waits for the call sees its room taken as well.
    pending.shared.activity.send_replace(());
    // A connection that is dropped before the effect is dropped in the middle of an upload.
    let is_dropped = strike.as_ref().is_some_and(|s| s.fault == Fault::Drop && s.when == When::Before);
    let Some(body) = read(payload, length, if is_dropped { length / 2 } else { length }).await else {
        pending.room = pending.state.upyun.rooms.none();
        pending.ended_without_answer("broken off", false);
        return Outcome::HangUp;
    };
    pending.request.body = body;
    match strike {
        None => {
            let reply = pending.carry_out();
            pending.ended_with(&reply, reply.took_effect);
            Outcome::Answer(reply)
        }
        Some(strike) => actix_web::rt::spawn(inflict(pending, strike)).await.unwrap_or(Outcome::HangUp),
    }
}

/// Reads so many bytes of a body of this length; none when the client breaks it off.
async fn read(mut payload: Payload, length: u64, enough: u64) -> Option<Bytes> {
    let mut body = BytesMut::with_capacity(usize::try_from(length.min(FIRST_PIECE)).unwrap_or(0));
    while (body.len() as u64) < enough {
        body.extend_from_slice(&payload.next().await?.ok()?);
    }
    Some(body.freeze())
}

impl Pending {
    fn arrive(shared: Arc<Shared>, request: Request) -> (Self, Option<Strike>) {
        let state = shared.state();
        let (spot, now) = (request.spot(), state.clock.now());
        let strike = state.faults.strike_upyun(spot, request.path(), now, &state.chance);
        let rule = strike.as_ref().map(|strike| strike.rule_id);
        let number = state.upyun.calls.arrived(&request, request.length().unwrap_or(0), rule, now);
        let room = state.upyun.rooms.none();
        (Self { shared, state, request, room, spot, number }, strike)
    }

    /// How long the body will be, when there is room for it.
    fn announced(&mut self) -> Result<u64, Problem> {
        let length = self.request.length()?;
        self.room = self.state.upyun.rooms.take(length)?;
        Ok(length)
    }

    /// The body was not read, so the connection cannot be used again: the server closes it.
    fn refused(&self, problem: &Problem) -> Outcome {
        let reply = upyun::refuse(&self.visit(), problem);
        self.ended_with(&reply, false);
        Outcome::Answer(reply)
    }

    fn visit(&self) -> Visit<'_> {
        Visit {
            shared: &self.shared,
            state: &self.state,
            request: &self.request,
            room: &self.room,
            now: self.state.clock.now(),
        }
    }
}

impl Struck for Pending {
    fn carry_out(&self) -> Reply {
        upyun::answer(&self.visit())
    }

    fn refuse(&self, code: i64, text: Option<String>) -> Reply {
        upyun::refuse(&self.visit(), &Problem::of(code, text))
    }

    fn ended(&self, ending: Ending<'_>) {
        self.state.upyun.calls.ended(self.number, self.spot, ending);
        self.shared.activity.send_replace(());
    }
}
