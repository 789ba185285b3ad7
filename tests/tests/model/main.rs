//! The protocol of the gateway, tried in every order of steps and faults that there is.
//!
//! [`protocol`] is a model of what the code does: accept, ring, claim under a lease, ask WeChat, settle,
//! call back; with crashes, lost doorbells, lapsed leases, lost answers and a busy WeChat at every point, as
//! many as [`Protocol::faults`]. `stateright` visits every state that can come about. Whatever repeats itself
//! costs a fault, so every path has an end, and what must happen at last is looked for there.
//!
//! The protocol without one of its rules must fail, or the checker would not be seen to see.

mod properties;
mod protocol;
mod state;

use stateright::{Checker as _, CheckerBuilder, HasDiscoveries, Model as _};

use protocol::{Protocol, Rule, WhenUnsure};

/// Faults on one path: one or two suffice for each bad end below, the third is for what nobody thought of.
const FAULTS: u8 = 3;

fn checker(without: Option<Rule>, when_unsure: WhenUnsure) -> CheckerBuilder<Protocol> {
    Protocol { without, when_unsure, faults: FAULTS }.checker().threads(2)
}

#[test]
fn the_protocol_holds_whatever_fails() {
    for when_unsure in [WhenUnsure::Resend, WhenUnsure::Fail] {
        let checked = checker(None, when_unsure).spawn_bfs().join();
        checked.assert_properties();
        println!("{when_unsure:?}: {} states, depth {}", checked.unique_state_count(), checked.max_depth());
        // As a sign that there was something to see.
        assert!(checked.unique_state_count() > 10_000);
    }
}

#[test]
fn without_one_of_its_rules_the_protocol_breaks_the_promise_that_the_rule_is_for() {
    for (rule, promise) in [
        (Rule::AnswerAfterCommit, properties::KEPT),
        (Rule::ReplayKeys, properties::ONCE_ACCEPTED),
        (Rule::SameMsgId, properties::ONE_SEND),
        (Rule::WatchedWindow, properties::ONE_SEND),
        (Rule::FencedSettling, properties::NOTHING_STALE),
        (Rule::Relay, properties::ENDS),
        (Rule::Rescue, properties::ENDS),
        (Rule::CallbackWithTheEnd, properties::ENDS),
    ] {
        let found = HasDiscoveries::AllOf([promise].into());
        let checked = checker(Some(rule), WhenUnsure::Fail).finish_when(found).spawn_bfs().join();
        assert!(
            checked.discovery(promise).is_some(),
            "'{promise}' holds although it should not: without {rule:?}"
        );
    }
}
