//! One visit's way: from the request to its page, and to the page that says why not. The one place that
//! counts and logs visits; no keys, codes or openids are logged.

use std::borrow::Cow;
use std::future::Future;
use std::sync::Arc;
use std::time::Instant;

use actix_web::guard;
use actix_web::http::Method;
use actix_web::http::uri::PathAndQuery;
use actix_web::web::{Data, route};
use actix_web::{HttpRequest, HttpResponse, Route};
use futures_util::future::LocalBoxFuture;
use url::form_urlencoded;
use wxgate_store::{Store, StoreError};

use super::fault::{Fault, FaultPage};
use super::frame::{Frame, Policy};
use crate::gateway::Gateway;
use crate::language::Language;
use crate::metrics::{Metrics, UNKNOWN};

/// What makes a page of a visit.
pub(super) type Run = for<'v> fn(&'v Visit) -> LocalBoxFuture<'v, Result<HttpResponse, Fault>>;

/// A browser's request.
pub(super) struct Visit {
    pub(super) request: HttpRequest,
    pub(super) gateway: Data<Gateway>,
    pub(super) language: Language,
}

impl Visit {
    fn new(request: HttpRequest, gateway: Data<Gateway>) -> Self {
        let language = gateway.language.of_page(&request);
        Self { request, gateway, language }
    }

    /// A parameter of the query, decoded: the first of that name, unless it is empty.
    pub(super) fn param(&self, name: &str) -> Option<Cow<'_, str>> {
        let query = self.request.query_string().as_bytes();
        let (_, value) = form_urlencoded::parse(query).find(|(known, _)| known == name)?;
        (!value.is_empty()).then_some(value)
    }

    /// Whether the page itself is not wanted, only what would be said of it: by a program, mostly.
    pub(super) fn is_a_look(&self) -> bool {
        self.request.method() == Method::HEAD
    }

    /// The page's address as the browser shows it, without the fragment.
    pub(super) fn address(&self) -> String {
        let below = self.request.uri().path_and_query().map_or("", PathAndQuery::as_str);
        format!("{}{below}", self.gateway.public_url)
    }

    /// Reads the store.
    pub(super) async fn ask_store<T, W, F>(&self, ask: F) -> Result<T, Fault>
    where
        T: Send + 'static,
        W: Future<Output = Result<T, StoreError>> + Send + 'static,
        F: FnOnce(Arc<dyn Store>) -> W,
    {
        self.gateway.ask_store(ask).await?.map_err(Fault::of_store)
    }
}

/// A route that answers GET with a page, and HEAD with the page's head alone, counted under `name`.
pub(super) fn page(name: &'static str, run: Run) -> Route {
    let asked_for = guard::Any(guard::Get()).or(guard::Head());
    route().guard(asked_for).to(
        move |request: HttpRequest, gateway: Data<Gateway>, metrics: Data<Metrics>| async move {
            let began = Instant::now();
            let visit = Visit::new(request, gateway);
            let response = match run(&visit).await {
                Ok(response) => response,
                Err(fault) => refuse(&fault, visit.language),
            };
            metrics.answered(name, response.status().as_u16(), began.elapsed());
            response
        },
    )
}

/// The answer where no page is.
pub(super) async fn nowhere(
    request: HttpRequest,
    gateway: Data<Gateway>,
    metrics: Data<Metrics>,
) -> HttpResponse {
    let began = Instant::now();
    let response = refuse(&Fault::NoSuchPage, gateway.language.of_page(&request));
    metrics.answered(UNKNOWN, response.status().as_u16(), began.elapsed());
    response
}

fn refuse(fault: &Fault, language: Language) -> HttpResponse {
    let error = fault as &dyn std::error::Error;
    if fault.is_ours() {
        tracing::error!(error, "page.failed");
    } else {
        tracing::debug!(error, "page.refused");
    }
    let frame = Frame::new(language);
    let page = FaultPage::of(fault, &frame);
    frame.respond(fault.status(), &page, Policy::Plain).unwrap_or_else(|unwritable| {
        tracing::error!(error = &unwritable as &dyn std::error::Error, "page.unwritable");
        HttpResponse::InternalServerError().finish()
    })
}
