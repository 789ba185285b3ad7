//! The operator's console (`/console`, pages for people) and `/admin` (the same as JSON, for programs), on the
//! operator's listener of processes that take requests.
//!
//! Both are closed unless `WXGATE_ADMIN_TOKEN` is set. `access` says who may come in, `desk` answers what
//! is asked and does what is ordered, for both; `pages` and `admin` are its two faces. Everything shown may
//! have been written by strangers, so it goes through the templates' own escaping, never around it. Begin
//! with [`routes`].

mod access;
mod admin;
mod chart;
mod desk;
mod form;
mod mass;
mod pages;
mod query;
mod time;
mod trouble;

use std::fmt;
use std::sync::Arc;

use actix_web::HttpResponse;
use actix_web::web::{Data, ServiceConfig, scope, to};
use serde_json::json;
use tokio::runtime::Handle;
use url::Url;
use wxgate_secret::Secret;

use access::Access;
use mass::Masses;

use crate::language::Usual;
use crate::operator::Operator;

/// Where the pages are.
const PATH: &str = "/console";

/// Where the same is told to programs.
const ADMIN: &str = "/admin";

/// What the console is made of.
pub(crate) struct ConsoleParts {
    /// What opens it; `None`: it is closed.
    pub(crate) token: Option<Secret>,
    pub(crate) operator: Operator,
    /// How the outside reaches us.
    pub(crate) public_url: Url,
    /// For whoever asks for no language.
    pub(crate) language: Usual,
    /// The runtime that the store lives on.
    pub(crate) home: Handle,
}

/// What all of its requests share. Dropping it stops what it does by itself.
struct Console {
    access: Access,
    operator: Operator,
    masses: Masses,
    language: Usual,
    home: Handle,
}

/// A console that is open or closed.
#[derive(Clone)]
pub(crate) struct Door(Result<Data<Console>, Usual>);

impl Door {
    /// Opens it if there is a token.
    pub(crate) fn of(parts: ConsoleParts) -> Self {
        let ConsoleParts { token, operator, public_url, language, home } = parts;
        let open = |token| {
            let masses = Masses::new(Arc::clone(&operator.store), home.clone());
            let access = Access::new(&token, &public_url);
            Data::new(Console { access, operator, masses, language, home })
        };
        Self(token.map(open).ok_or(language))
    }
}

/// Serves both, or says which setting opens them.
pub(crate) fn routes(config: &mut ServiceConfig, door: &Door) {
    match &door.0 {
        Ok(console) => {
            config
                .app_data(console.clone())
                .service(scope(PATH).configure(pages::routes))
                .service(scope(ADMIN).configure(admin::routes));
        }
        Err(language) => {
            config
                .app_data(Data::new(*language))
                .service(scope(PATH).default_service(to(pages::closed)))
                .service(scope(ADMIN).default_service(to(closed)));
        }
    }
}

/// Why there is nothing here.
const CLOSED: &str = "the console and /admin are closed: set WXGATE_ADMIN_TOKEN to open them";

async fn closed() -> HttpResponse {
    HttpResponse::Forbidden().json(json!({ "error": CLOSED }))
}

impl fmt::Debug for Console {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Console")
    }
}
