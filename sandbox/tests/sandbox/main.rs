//! The sandbox as its users meet it: over HTTP, and through its controls.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod cards;
mod control;
mod custom;
mod faults;
mod media;
mod members;
mod oauth;
mod platform;
mod play;
mod pushes;
mod qrcode;
mod quota;
mod receiver;
mod template;
mod tickets;
mod token;
mod upyun;
mod wire;
