//! Tries whether the gateway loses or doubles anything while everything around it, and it itself, is
//! killed, frozen, cut off, filled up or lied to.
//!
//! [`run::run`] is one run on one pairing. A `site` is a gateway of real processes with a `link` (a
//! TCP proxy) on every line between two parties; `load` sends signed requests steadily and repeats
//! them as the documents tell callers to; `schedule` deals the faults from a seed and `inflict`
//! carries them out; when all is healed, `count` compares from outside what callers were told, what
//! receivers got, what WeChat saw and what the gateway says of every job.

pub mod books;
pub mod count;
pub mod disk;
pub mod fault;
pub mod figures;
pub mod inflict;
pub mod ledger;
pub mod link;
pub mod load;
pub mod party;
pub mod pulse;
pub mod receivers;
pub mod report;
pub mod rescue;
pub mod role;
pub mod run;
pub mod schedule;
pub mod settle;
pub mod site;
pub mod wechat;
