//! A simulated Upyun: storage, processing of voice and film, and the public addresses of what is
//! stored, all on one port.
//!
//! [`answer`] takes a [`Request`] to its part: `storage` (files, folders, uploads in parts, FORM),
//! `processing` (tasks, their conversion, the notify), `public`. `authorize` says whether a call is
//! signed, `objects` keeps what is stored, `problem` has Upyun's codes. As with WeChat, nothing is
//! shared with the gateway: what signs here was written a second time.

mod account;
mod authorize;
mod calls;
mod convert;
mod key;
mod objects;
mod picture;
mod problem;
mod processing;
mod public;
mod range;
mod request;
mod room;
mod setting;
mod signature;
mod storage;
mod visit;

pub use account::{FORM_KEY, UPYUN_BUCKET, UPYUN_OPERATOR, UPYUN_PASSWORD};
pub(crate) use calls::UpyunCalls;
pub use calls::{UpyunAnswer, UpyunCall};
pub use objects::UpyunObject;
pub(crate) use problem::Problem;
pub use processing::{Notify, UpyunTask};
pub(crate) use request::Request;
pub(crate) use room::Room;
pub use setting::{UpyunChange, UpyunSetting};
pub(crate) use visit::Visit;

use parking_lot::Mutex;

use crate::faults::Spot;
use crate::reply::Reply;

/// Everything that the simulated Upyun knows.
#[derive(Debug)]
pub(crate) struct Upyun {
    pub(crate) setting: Mutex<UpyunSetting>,
    pub(crate) rooms: room::Rooms,
    pub(crate) objects: objects::Objects,
    pub(crate) uploads: storage::Uploads,
    pub(crate) tasks: processing::Tasks,
    pub(crate) notifies: processing::Notifies,
    pub(crate) calls: UpyunCalls,
}

impl Upyun {
    /// Remembers the newest `keep` calls, tasks and notifies each.
    pub(crate) fn new(keep: usize) -> Self {
        Self {
            setting: Mutex::default(),
            rooms: room::Rooms::default(),
            objects: objects::Objects::default(),
            uploads: storage::Uploads::default(),
            tasks: processing::Tasks::new(keep),
            notifies: processing::Notifies::new(keep),
            calls: UpyunCalls::new(keep),
        }
    }
}

/// Carries a call out, or says in Upyun's words why not.
pub(crate) fn answer(visit: &Visit<'_>) -> Reply {
    let outcome = match visit.request.spot() {
        Spot::Submit => processing::submit(visit),
        Spot::Status => processing::status(visit),
        Spot::Result => processing::result(visit),
        Spot::Public => public::download(visit),
        _ => storage::answer(visit),
    };
    outcome.map_or_else(|problem| refuse(visit, &problem), |reply| signed_off(reply, &visit.request_id()))
}

/// A refusal as Upyun words it.
pub(crate) fn refuse(visit: &Visit<'_>, problem: &Problem) -> Reply {
    let id = visit.request_id();
    signed_off(problem.reply(&id), &id)
}

/// With the headers that every answer has.
fn signed_off(reply: Reply, id: &str) -> Reply {
    reply.with("X-Request-Id", id).with("Server", "marco/2.19")
}
