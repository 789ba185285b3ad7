//! Uploads of whole files.

use std::sync::Arc;

use bytes::Bytes;

use super::done;
use crate::reply::Reply;
use crate::upyun::key::Key;
use crate::upyun::objects::Object;
use crate::upyun::picture;
use crate::upyun::problem::{MD5_DIFFERS, Problem, SECRET_CHARACTERS};
use crate::upyun::request::Request;
use crate::upyun::visit::Visit;

/// What a file is by its suffix, where the upload does not say.
const TYPES: &[(&str, &str)] = &[
    ("amr", "audio/amr"),
    ("gif", "image/gif"),
    ("jpeg", "image/jpeg"),
    ("jpg", "image/jpeg"),
    ("json", "application/json"),
    ("mp3", "audio/mpeg"),
    ("mp4", "video/mp4"),
    ("png", "image/png"),
    ("txt", "text/plain"),
];

pub(super) fn put(visit: &Visit<'_>, key: &Key) -> Result<Reply, Problem> {
    let request = visit.request;
    let object =
        Object::new(request.body.clone(), type_of(request, key), visit.second(), Arc::clone(visit.room));
    if request.header("content-md5").is_some_and(|told| !told.eq_ignore_ascii_case(&object.md5)) {
        return Err(MD5_DIFFERS);
    }
    let object = with_metas(object, request)?;
    let reply = described(done(200), &object);
    visit.state.upyun.objects.put(key, object)?;
    Ok(reply)
}

fn type_of(request: &Request, key: &Key) -> String {
    request.header("content-type").map_or_else(|| guess_type(key).to_owned(), str::to_owned)
}

/// A type by the suffix of a name.
pub(in crate::upyun) fn guess_type(key: &Key) -> &'static str {
    let suffix = key.suffix().map(str::to_ascii_lowercase).unwrap_or_default();
    let row = TYPES.iter().find(|(known, _)| *known == suffix);
    row.map_or("application/octet-stream", |(_, content_type)| content_type)
}

/// The file with the secret and the metadata that its upload names.
pub(super) fn with_metas(mut object: Object, request: &Request) -> Result<Object, Problem> {
    if let Some(secret) = request.header("content-secret") {
        if !secret.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
            return Err(SECRET_CHARACTERS);
        }
        object.secret = Some(secret.to_owned());
    }
    object.metas.extend(request.headers_of("x-upyun-meta-"));
    Ok(object)
}

/// An answer that tells what was stored.
pub(super) fn described(reply: Reply, object: &Object) -> Reply {
    let reply = reply
        .with("x-upyun-content-length", object.bytes.len().to_string())
        .with("x-upyun-content-type", object.content_type.as_str());
    with_picture(reply, &object.bytes)
}

/// For a picture what it is; the names have no `meta-` in them.
pub(super) fn with_picture(reply: Reply, bytes: &Bytes) -> Reply {
    let Some(picture) = picture::look(bytes) else { return reply };
    reply
        .with("x-upyun-width", picture.width.to_string())
        .with("x-upyun-height", picture.height.to_string())
        .with("x-upyun-frames", "1")
        .with("x-upyun-file-type", picture.format)
}
