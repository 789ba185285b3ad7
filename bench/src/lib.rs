//! The load tool: measures a gateway from the outside, as its callers, WeChat and the receivers of
//! its callbacks see it, and checks that every accepted request was called back exactly once.
//!
//! It speaks HTTP by hand ([`http`]) and lives on one thread, so that on a small machine the load
//! costs little beside what it measures. It shares no code with the gateway: its signatures
//! ([`signature`]) are a second implementation that checks the first.
//!
//! [`backlog`] is the exception: it lays a long queue into the store by SQL, knowing its tables.
//!
//! Begin with [`phases`] for what is measured and in which order, with [`ledger`] for how a request
//! is followed through the gateway, with [`report`] for what comes out.

pub mod backlog;
pub mod callbacks;
pub mod ceilings;
pub mod charts;
pub mod credentials;
pub mod figures;
pub mod gateway;
pub mod goals;
pub mod history;
pub mod http;
pub mod ledger;
pub mod load;
pub mod machine;
pub mod measurement;
pub mod pairing;
pub mod peers;
pub mod phases;
pub mod plot;
pub mod report;
pub mod request;
pub mod run;
pub mod scale;
pub mod sender;
pub mod servers;
pub mod signature;
pub mod table;
pub mod tally;
pub mod upgrade;
pub mod usage;
pub mod wechat;
pub mod world;
