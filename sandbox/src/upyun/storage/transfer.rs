//! Copies and moves inside the bucket.

use super::done;
use crate::reply::Reply;
use crate::upyun::account::UPYUN_BUCKET;
use crate::upyun::key::{Key, split};
use crate::upyun::problem::{METADATA_DIRECTIVE, Problem, SOURCE_BUCKET, SOURCE_WRONG};
use crate::upyun::visit::Visit;

/// Copies or moves the file that a header names. Some clients percent-encode the name and some do
/// not.
pub(super) fn transfer(visit: &Visit<'_>, source: &str, to: &Key, keep: bool) -> Result<Reply, Problem> {
    let (bucket, path) = split(source).map_err(|_| SOURCE_WRONG)?;
    if bucket != UPYUN_BUCKET {
        return Err(SOURCE_BUCKET);
    }
    let directive = visit.request.header("x-upyun-metadata-directive").unwrap_or("copy");
    if !matches!(directive, "copy" | "merge" | "replace" | "delete") {
        return Err(METADATA_DIRECTIVE);
    }
    visit.state.upyun.objects.transfer(&Key::parse(path)?, to, visit.second(), keep)?;
    Ok(done(200))
}
