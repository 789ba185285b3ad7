//! Stored files at their public addresses: `/public/<bucket>/<path>`, without credentials.

use percent_encoding::percent_decode_str;

use super::key::Key;
use super::objects::Object;
use super::problem::{NOT_FOUND, Problem};
use super::range;
use super::visit::Visit;
use crate::reply::Reply;

/// A file; one with a secret only by its address with `!<secret>` at the end.
pub(super) fn download(visit: &Visit<'_>) -> Result<Reply, Problem> {
    let path = visit.request.path().strip_prefix("/public").unwrap_or_default();
    let object = find(visit, path)?;
    range::file(&object.content_type, object.bytes.clone(), visit.request.header("range"))
        .map(|reply| reply.with("ETag", format!("\"{}\"", object.md5)))
}

fn find(visit: &Visit<'_>, path: &str) -> Result<Object, Problem> {
    let objects = &visit.state.upyun.objects;
    match objects.file(&Key::in_bucket(path)?) {
        Ok(object) if object.secret.is_none() => Ok(object),
        _ => {
            let (path, told) = path.rsplit_once('!').ok_or(NOT_FOUND)?;
            let told = percent_decode_str(told).decode_utf8_lossy();
            let object = objects.file(&Key::in_bucket(path)?)?;
            if object.secret.as_deref() == Some(&*told) { Ok(object) } else { Err(NOT_FOUND) }
        }
    }
}
