//! The commands as an operator types them: the real program, each test with a folder of its own.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod apps;
mod callbacks;
mod cards;
mod check;
mod clients;
mod components;
mod interfaces;
mod jobs;
mod operator;
mod setup;
mod sign;
mod wechat;
