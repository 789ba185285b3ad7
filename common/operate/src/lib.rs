//! What operators do and see, whoever asks for it: the command line, the console, `/admin`.
//!
//! Each of these has its own way of asking and showing; what a change does, what is refused and why, and
//! which facts are told is the same for all and lives here. Begin with [`verdict`] for what becomes of a
//! change, with [`app::AppChange`] for mending an app, with [`view`] for what is told of jobs, callbacks
//! and apps. Nothing here knows a terminal or HTTP.

pub mod advice;
pub mod app;
pub mod callbacks;
pub mod fields;
pub mod jobs;
pub mod verdict;
pub mod view;

pub use verdict::Verdict;
