//! Downloads, and what is known of a file or folder.

use std::time::{Duration, UNIX_EPOCH};

use super::folder;
use super::upload::with_picture;
use crate::reply::Reply;
use crate::upyun::key::Key;
use crate::upyun::objects::{Node, Object};
use crate::upyun::problem::Problem;
use crate::upyun::range;
use crate::upyun::visit::Visit;

/// A file, a listing, or with `?usage` how much lies there.
pub(super) fn get(visit: &Visit<'_>, key: &Key) -> Result<Reply, Problem> {
    let objects = &visit.state.upyun.objects;
    let node = objects.node(key)?;
    if visit.request.query("usage").is_some() {
        return Ok(Reply::file("text/plain", objects.usage(key).to_string().into()));
    }
    match node {
        Node::Folder(_) => folder::list(visit, key),
        Node::File(object) => {
            let range = visit.request.header("range");
            let reply = range::file(&object.content_type, object.bytes.clone(), range)?;
            Ok(with_picture(with_facts(reply, &object), &object.bytes))
        }
    }
}

/// The facts as headers. `x-upyun-file-type` is `file` or `folder` here, not a picture's format.
pub(super) fn head(visit: &Visit<'_>, key: &Key) -> Result<Reply, Problem> {
    let reply = match visit.state.upyun.objects.node(key)? {
        Node::Folder(second) => Reply::file("", "".into())
            .with("x-upyun-file-type", "folder")
            .with("x-upyun-file-size", "0")
            .with("x-upyun-file-date", second.to_string()),
        Node::File(object) => with_facts(Reply::file(object.content_type.clone(), "".into()), &object)
            .with("x-upyun-file-type", "file")
            .with("x-upyun-file-size", object.bytes.len().to_string())
            .with("x-upyun-file-date", object.modified.to_string()),
    };
    Ok(reply)
}

fn with_facts(reply: Reply, object: &Object) -> Reply {
    let modified = UNIX_EPOCH + Duration::from_secs(object.modified.try_into().unwrap_or(0));
    let reply = reply
        .with("Content-Md5", object.md5.as_str())
        .with("ETag", format!("\"{}\"", object.md5))
        .with("Last-Modified", httpdate::fmt_http_date(modified));
    object.metas.iter().fold(reply, |reply, (name, value)| reply.with(name.clone(), value.as_str()))
}
