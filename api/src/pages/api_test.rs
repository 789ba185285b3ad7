//! `/api_test`: the test tool (section 1.5 of the document). Whoever writes a caller fills in a form, sees what
//! is signed and how, sends it and reads the answer.
//!
//! The page is the same for everybody: it is made of the declarations and knows no client. Whoever uses it
//! brings a client's code and secret; the secret is worked with in the browser and goes nowhere.

mod shown;
mod words;

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use askama::Template;
use futures_util::future::LocalBoxFuture;
use serde::Serialize;

use super::fault::Fault;
use super::frame::{Frame, Policy};
use super::visit::Visit;
use crate::Refusal;
use crate::interface::Group;
use crate::interfaces;
use crate::language::Language;
use shown::Shown;
use words::Words;

#[derive(Template)]
#[template(path = "api_test.html")]
struct Page<'a> {
    frame: &'a Frame,
    words: &'static Words,
    groups: &'a [Listed],
    /// How the page's address leads to the gateway's.
    up: &'static str,
    tool: String,
}

/// A group in the list of interfaces.
struct Listed {
    title: &'static str,
    interfaces: Vec<Shown>,
}

/// What the page's script works with.
#[derive(Serialize)]
struct Tool<'a> {
    interfaces: Vec<&'a Shown>,
    words: &'static Words,
}

pub(super) fn visit(visit: &Visit) -> LocalBoxFuture<'_, Result<HttpResponse, Fault>> {
    let up = if visit.request.path() == super::TEST_TOOL { "" } else { "../" };
    Box::pin(async move { show(visit.language, up) })
}

fn show(language: Language, up: &'static str) -> Result<HttpResponse, Fault> {
    let (frame, words) = (Frame::new(language), Words::of(language));
    let groups = Group::ALL.map(|group| listed(group, language));
    let interfaces = groups.iter().flat_map(|group| &group.interfaces).collect();
    let tool = serde_json::to_string(&Tool { interfaces, words }).map_err(Refusal::internal)?;
    let page = Page { frame: &frame, words, groups: &groups, up, tool };
    frame.respond(StatusCode::OK, &page, Policy::Tool)
}

fn listed(group: Group, language: Language) -> Listed {
    let (chinese, english) = group.titles();
    let interfaces = interfaces::ALL.into_iter().filter(|interface| interface.group == group);
    Listed {
        title: language.pick(chinese, english),
        interfaces: interfaces.map(|interface| Shown::of(interface, language)).collect(),
    }
}
