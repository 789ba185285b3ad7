//! `/console`: pages for people. They are written on the server and need no script, so none is allowed.
//!
//! Each goes through `visit`, which is where browsers are let in and where troubles get their page; what
//! all have in common is in `frame`. A change is a form, and leads to the page that shows what became of it.

mod apps;
mod callbacks;
mod failures;
mod fault;
mod frame;
mod job;
mod jobs;
mod login;
mod overview;
mod tasks;
mod visit;
mod words;

use actix_web::web::{ServiceConfig, get, post, to};

pub(super) use fault::closed;

/// Everything below `/console`.
pub(super) fn routes(config: &mut ServiceConfig) {
    config
        .route("", get().to(overview::visit))
        .route("/", get().to(overview::visit))
        .route("/login", get().to(login::visit))
        .route("/login", post().to(login::enter))
        .route("/logout", post().to(login::leave))
        .route("/jobs", get().to(jobs::visit))
        .route("/jobs/{id}", get().to(job::visit))
        .route("/jobs/{id}/{change}", post().to(job::change))
        .route("/failures", get().to(failures::visit))
        .route("/failures/retry", post().to(failures::retry))
        .route("/callbacks", get().to(callbacks::visit))
        .route("/callbacks/replay", post().to(callbacks::replay))
        .route("/callbacks/replay-all", post().to(callbacks::replay_all))
        .route("/tasks", get().to(tasks::visit))
        .route("/tasks/{id}/stop", post().to(tasks::stop))
        .route("/apps", get().to(apps::visit))
        .route("/apps/{id}", get().to(apps::visit_one))
        .route("/apps/{id}", post().to(apps::mend))
        .default_service(to(fault::nowhere));
}
