//! Storage: files, folders, uploads in parts and by form.

mod download;
mod folder;
mod form;
mod metadata;
mod parts;
mod save_key;
mod transfer;
mod upload;

pub(crate) use parts::Uploads;
pub(super) use upload::guess_type;

use super::authorize::{Area, check};
use super::key::Key;
use super::problem::{FOLDER_ARGS, Problem, WRONG_URI};
use super::visit::Visit;
use crate::faults::Spot;
use crate::reply::Reply;

/// Carries a storage call out.
pub(super) fn answer(visit: &Visit<'_>) -> Result<Reply, Problem> {
    let request = visit.request;
    let is_folder = request.is_true("folder") || request.is_true("x-upyun-folder");
    let spot = request.spot();
    // A form brings its signature in its body.
    if spot == Spot::Post && !is_folder && form::is_form(request) {
        return form::upload(visit);
    }
    check(request, Area::Storage, visit.now)?;
    let key = Key::in_bucket(request.path())?;
    match spot {
        Spot::Put => put(visit, &key),
        Spot::Get => download::get(visit, &key),
        Spot::Head => download::head(visit, &key),
        Spot::Delete => delete(visit, &key),
        Spot::Patch => metadata::change(visit, &key),
        Spot::Post if is_folder => folder::make(visit, &key),
        Spot::Post => Err(FOLDER_ARGS),
        _ => Err(WRONG_URI),
    }
}

fn put(visit: &Visit<'_>, key: &Key) -> Result<Reply, Problem> {
    let request = visit.request;
    if let Some(source) = request.header("x-upyun-copy-source") {
        transfer::transfer(visit, source, key, true)
    } else if let Some(source) = request.header("x-upyun-move-source") {
        transfer::transfer(visit, source, key, false)
    } else if let Some(stage) = request.header("x-upyun-multi-stage") {
        parts::stage(visit, stage, key)
    } else {
        upload::put(visit, key)
    }
}

/// A file, an empty folder or, when it is named, an unfinished upload in parts.
fn delete(visit: &Visit<'_>, key: &Key) -> Result<Reply, Problem> {
    match visit.request.header("x-upyun-multi-uuid") {
        Some(uuid) => visit.state.upyun.uploads.cancel(uuid, key)?,
        None => visit.state.upyun.objects.delete(key)?,
    }
    Ok(done(200))
}

/// A success without a body that changed something.
fn done(status: u16) -> Reply {
    Reply { errcode: Some(0), took_effect: true, ..Reply::foreign(status, "", "") }
}
