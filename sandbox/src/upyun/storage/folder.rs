//! Folders: making them, and listing what lies in them.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::done;
use crate::reply::Reply;
use crate::upyun::key::Key;
use crate::upyun::objects::Node;
use crate::upyun::problem::{ITER_ARGS, ORDER, Problem};
use crate::upyun::request::Request;
use crate::upyun::visit::Visit;

/// What stands in place of a next page on the last one (documented).
const LAST_PAGE: &str = "g2gCZAAEbmV4dGQAA2VvZg";
/// Entries of a page: the newer SDKs' numbers; the older documents say 100 and 10,000.
const USUAL_PAGE: usize = 256;
const LARGEST_PAGE: usize = 4_096;

/// One page of a listing.
struct Page {
    entries: Vec<(String, Node)>,
    /// Where the next one begins.
    next: String,
}

pub(super) fn make(visit: &Visit<'_>, key: &Key) -> Result<Reply, Problem> {
    visit.state.upyun.objects.make_folder(key, visit.second())?;
    Ok(done(200))
}

pub(super) fn list(visit: &Visit<'_>, key: &Key) -> Result<Reply, Problem> {
    let page = page(visit.request, visit.state.upyun.objects.list(key)?)?;
    // Only this alone: some clients name it among others, and want lines nevertheless.
    let reply = if visit.request.header("accept") == Some("application/json") {
        Reply::file("application/json", page.json().to_string().into())
    } else {
        Reply::file("text/plain; charset=utf-8", page.lines().into())
    };
    Ok(reply.with("x-upyun-list-iter", page.next))
}

fn page(request: &Request, mut entries: Vec<(String, Node)>) -> Result<Page, Problem> {
    match request.header("x-list-order") {
        None | Some("asc") => {}
        Some("desc") => entries.reverse(),
        Some(_) => return Err(ORDER),
    }
    let begin = match request.header("x-list-iter") {
        None => 0,
        Some(LAST_PAGE) => entries.len(),
        Some(iter) => begin_after(iter, &entries, request.header("x-list-order") == Some("desc"))?,
    };
    let limit = request.header("x-list-limit").and_then(|limit| limit.parse().ok());
    let limit = limit.unwrap_or(USUAL_PAGE).clamp(1, LARGEST_PAGE);
    let mut entries = entries.split_off(begin);
    let is_last = entries.len() <= limit;
    entries.truncate(limit);
    let next = match entries.last() {
        Some((name, _)) if !is_last => STANDARD.encode(name),
        _ => LAST_PAGE.to_owned(),
    };
    Ok(Page { entries, next })
}

/// A page begins behind the entry that ended the one before, which may be gone meanwhile.
fn begin_after(iter: &str, entries: &[(String, Node)], is_descending: bool) -> Result<usize, Problem> {
    let name = STANDARD.decode(iter).ok().and_then(|name| String::from_utf8(name).ok()).ok_or(ITER_ARGS)?;
    let is_behind = |known: &String| if is_descending { *known < name } else { *known > name };
    Ok(entries.iter().position(|(known, _)| is_behind(known)).unwrap_or(entries.len()))
}

impl Page {
    /// Without a line break at the end: clients split at each.
    fn lines(&self) -> String {
        let lines = self.entries.iter().map(|(name, node)| match node {
            Node::File(object) => format!("{name}\tN\t{}\t{}", object.bytes.len(), object.modified),
            Node::Folder(second) => format!("{name}\tF\t0\t{second}"),
        });
        lines.collect::<Vec<_>>().join("\n")
    }

    fn json(&self) -> Value {
        let files = self.entries.iter().map(|(name, node)| match node {
            Node::File(object) => json!({"type": object.content_type, "length": object.bytes.len(),
                "name": name, "last_modified": object.modified}),
            Node::Folder(second) => {
                json!({"type": "folder", "length": 0, "name": name, "last_modified": second})
            }
        });
        json!({"files": files.collect::<Vec<_>>(), "iter": self.next})
    }
}
