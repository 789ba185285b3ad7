//! What is done with a connection once it is known what to answer.

use std::convert::Infallible;
use std::future::pending;
use std::rc::Rc;

use actix_web::body::SizedStream;
use actix_web::http::StatusCode;
use actix_web::{HttpResponse, HttpResponseBuilder};
use bytes::Bytes;
use futures_util::stream::{self, Stream, StreamExt};
use tokio::task::yield_now;

use super::line::Line;
use super::shape::{self, Shape};
use crate::reply::Reply;

/// What is done with the connection.
#[derive(Debug)]
pub(super) enum Outcome {
    /// The reply is sent.
    Answer(Reply),
    /// The reply's head and the first half of its body are sent, then the connection is closed.
    Half(Reply),
    /// The reply's head is sent, and then its body in another shape.
    Shaped(Reply, Shape),
    /// The connection is closed without an answer.
    HangUp,
    /// Nothing is done until the client leaves.
    Never,
}

impl Outcome {
    /// The push that has to end before the client hears this.
    pub(super) fn after_push(&self) -> Option<u64> {
        match self {
            Self::Answer(reply) | Self::Half(reply) | Self::Shaped(reply, _) => reply.after_push,
            Self::HangUp | Self::Never => None,
        }
    }

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
            Self::Shaped(reply, shape) => shaped(&reply, shape, line),
            Self::HangUp => {
                hang_up(line.as_deref());
                pending().await
            }
            Self::Never => pending().await,
        }
    }
}

fn head(reply: &Reply) -> HttpResponseBuilder {
    let status = StatusCode::from_u16(reply.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut head = HttpResponse::build(status);
    if !reply.content_type.is_empty() {
        head.content_type(reply.content_type.as_ref());
    }
    for (name, value) in &reply.headers {
        head.append_header((name.as_ref(), value.as_str()));
    }
    head
}

fn shaped(reply: &Reply, shape: Shape, line: Option<Rc<Line>>) -> HttpResponse {
    let (body, mut head) = (reply.body.clone(), head(reply));
    match shape {
        Shape::Endless => head.streaming(shape::endless(&body)),
        Shape::Inflated(bytes) => head.body(SizedStream::new(bytes, shape::inflated(&body, bytes))),
        Shape::Claimed(bytes) => {
            let there = body.slice(..body.len().min(usize::try_from(bytes).unwrap_or(usize::MAX)));
            head.body(SizedStream::new(bytes, cut_off(there, line)))
        }
        Shape::Slow(per_second) => {
            let whole = body.len() as u64;
            head.body(SizedStream::new(whole, shape::slow(body, per_second)))
        }
    }
}

/// The connection closes with a body that ends too soon; one that is whole just ends.
fn cut_off(bytes: Bytes, line: Option<Rc<Line>>) -> impl Stream<Item = Result<Bytes, Infallible>> + 'static {
    let end = async move {
        // The server writes out what it has whenever the body makes it wait.
        yield_now().await;
        hang_up(line.as_deref());
        pending().await
    };
    stream::iter([Ok(bytes)]).chain(stream::once(end))
}

fn hang_up(line: Option<&Line>) {
    if let Some(line) = line {
        line.hang_up();
    }
}
