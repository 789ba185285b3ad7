//! A worker over the embedded store: jobs that wait, follow one another, or outlive a lease.

#![allow(clippy::unwrap_used, reason = "a failed test may panic")]

mod at_once;
mod attempts;
mod conversions;
mod metrics;
mod news;
mod receipts;
mod sharing;
mod support;
