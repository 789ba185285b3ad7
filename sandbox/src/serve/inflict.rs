//! What a fault makes of a call.

use std::time::Duration;

use tokio::time::sleep;

use super::outcome::Outcome;
use super::shape::Shape;
use crate::calls::Ending;
use crate::faults::{Fault, Garbage, Strike, When};
use crate::reply::Reply;

/// A member that is put at the end of an answer, whose text strict JSON parsers refuse. What the
/// answer says does not depend on it.
const CONTROL_CHARACTER: &[u8] = b",\"note\":\"\x08\"}";
const BROKEN_UTF8: &[u8] = b",\"note\":\"\xff\"}";

/// A call that a fault can strike.
pub(super) trait Struck {
    /// The right answer, with its effect.
    fn carry_out(&self) -> Reply;

    /// A refusal with this code, in its own words or these.
    fn refuse(&self, code: i64, text: Option<String>) -> Reply;

    /// Makes all tokens of the call's app invalid, where there are any.
    fn rotate_tokens(&self) {}

    /// Notes how the call ended.
    fn ended(&self, ending: Ending<'_>);

    fn ended_with(&self, reply: &Reply, took_effect: bool) {
        self.ended(Ending { reply: Some(reply), took_effect, label: reply.label() });
    }

    fn ended_without_answer(&self, label: &str, took_effect: bool) {
        self.ended(Ending { reply: None, took_effect, label: label.to_owned() });
    }
}

/// Carries the call out as far as the fault lets it, and notes how it ended.
pub(super) async fn inflict(pending: impl Struck, strike: Strike) -> Outcome {
    match (&strike.fault, strike.when) {
        (Fault::DelayMs(ms), When::Before) => {
            sleep(Duration::from_millis(*ms)).await;
            plainly(&pending)
        }
        (Fault::DelayMs(ms), When::After) => {
            let outcome = plainly(&pending);
            sleep(Duration::from_millis(*ms)).await;
            outcome
        }
        (Fault::Rotate, When::Before) => {
            pending.rotate_tokens();
            plainly(&pending)
        }
        (Fault::Rotate, When::After) => {
            let outcome = plainly(&pending);
            pending.rotate_tokens();
            outcome
        }
        (_, When::Before) => distort(&pending, &strike, None),
        (_, When::After) => distort(&pending, &strike, Some(pending.carry_out())),
    }
}

fn plainly(pending: &impl Struck) -> Outcome {
    let reply = pending.carry_out();
    pending.ended_with(&reply, reply.took_effect);
    Outcome::Answer(reply)
}

/// Replaces or spoils the right answer, which is there when the call took its course before.
fn distort(pending: &impl Struck, strike: &Strike, right: Option<Reply>) -> Outcome {
    let took_effect = right.as_ref().is_some_and(|reply| reply.took_effect);
    let right = || right.unwrap_or_else(|| pending.carry_out());
    let outcome = match &strike.fault {
        Fault::Errcode(errcode) => Outcome::Answer(pending.refuse(*errcode, strike.errmsg.clone())),
        Fault::Status(status) => Outcome::Answer(page(*status)),
        Fault::Empty => Outcome::Answer(Reply::foreign(200, "text/html; charset=gbk", "")),
        Fault::TextPlain => Outcome::Answer(Reply { content_type: "text/plain".into(), ..right() }),
        Fault::Garble(garbage) => Outcome::Answer(garbled(right(), *garbage)),
        Fault::Half => Outcome::Half(right()),
        Fault::Drop => Outcome::HangUp,
        Fault::Hang => Outcome::Never,
        Fault::Endless => Outcome::Shaped(right(), Shape::Endless),
        Fault::Inflate(bytes) => Outcome::Shaped(right(), Shape::Inflated(*bytes)),
        Fault::ClaimLength(bytes) => Outcome::Shaped(right(), Shape::Claimed(*bytes)),
        Fault::BytesPerS(bytes) => Outcome::Shaped(right(), Shape::Slow(*bytes)),
        // The last two are no faults of a call: no rule for calls has them.
        Fault::DelayMs(_) | Fault::Rotate | Fault::Twice | Fault::Forge => return plainly(pending),
    };
    note(pending, &outcome, took_effect);
    outcome
}

fn note(pending: &impl Struck, outcome: &Outcome, took_effect: bool) {
    match outcome {
        Outcome::Answer(reply) | Outcome::Half(reply) | Outcome::Shaped(reply, _) => {
            pending.ended_with(reply, took_effect);
        }
        Outcome::HangUp => pending.ended_without_answer("dropped", took_effect),
        Outcome::Never => pending.ended_without_answer("left hanging", took_effect),
    }
}

fn page(status: u16) -> Reply {
    let html = format!("<html><head><title>{status}</title></head><body>{status}</body></html>\n");
    Reply::foreign(status, "text/html", html)
}

fn garbled(reply: Reply, garbage: Garbage) -> Reply {
    let member = match garbage {
        Garbage::Control => CONTROL_CHARACTER,
        Garbage::Utf8 => BROKEN_UTF8,
    };
    match reply.body.strip_suffix(b"}") {
        Some(start) => Reply { body: [start, member].concat().into(), ..reply },
        None => reply,
    }
}
