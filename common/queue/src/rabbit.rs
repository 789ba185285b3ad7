//! The queue on RabbitMQ, for any number of processes.
//!
//! [`RabbitBell`] and [`listen`] each keep one connection of their own: the broker may block one
//! that publishes (resource alarm), and must not thereby keep acks from arriving. Both start while
//! the broker is away and reconnect without end; every connection declares the whole topology
//! anew, so that a broker which comes back with an empty disk is as good as before.
//!
//! `broker` says where and what, `topology` declares it, `link` is one connection and `dialer`
//! keeps making them, `publish` is one message and its confirm, `publisher` and `consume` are the
//! two loops on top.

mod bell;
mod broker;
mod consume;
mod dialer;
mod link;
mod publish;
mod publisher;
mod socket;
mod topology;

pub use bell::RabbitBell;
pub use broker::{Broker, InvalidBroker};
pub use consume::listen;
pub use link::LinkError;
