//! What is promised.

use stateright::Property;

use crate::protocol::{Protocol, WhenUnsure};
use crate::state::{Callback, Phase, Request, State};

pub const KEPT: &str = "what was answered is stored";
pub const ONCE_ACCEPTED: &str = "a request and its repeat are one job";
pub const ONE_SEND: &str = "one effective send per window, and none more when unsure means fail";
pub const NOTHING_STALE: &str = "a stale worker settles nothing";
pub const ENDS: &str = "an accepted job ends and its callback is delivered";
const ANSWERED: &str = "a caller is answered";
const UNSURE: &str = "a job is unsure, and ends";

pub fn all() -> Vec<Property<Protocol>> {
    vec![
        Property::always(KEPT, |_, state: &State| !is_answered(state) || state.rows > 0),
        Property::always(ONCE_ACCEPTED, |_, state: &State| state.rows <= 1),
        Property::always(ONE_SEND, |protocol: &Protocol, state: &State| match protocol.when_unsure {
            WhenUnsure::Resend => state.wechat.sent_in_window <= 1,
            WhenUnsure::Fail => state.wechat.sent <= 1,
        }),
        Property::always(NOTHING_STALE, |_, state: &State| !state.stale_settled),
        Property::always(ENDS, |protocol: &Protocol, state: &State| {
            !protocol.is_over(state) || !is_answered(state) || has_ended(state)
        }),
        Property::sometimes(ANSWERED, |_, state: &State| is_answered(state)),
        Property::sometimes(UNSURE, |_, state: &State| state.job.ambiguous && has_ended(state)),
    ]
}

fn is_answered(state: &State) -> bool {
    state.requests.iter().any(|request| matches!(request, Request::Promised | Request::Answered))
}

fn has_ended(state: &State) -> bool {
    state.job.phase == Phase::Final && state.callback == Callback::Delivered
}
