//! Changes of a file's metadata.

use super::done;
use crate::reply::Reply;
use crate::upyun::key::Key;
use crate::upyun::problem::{METADATA_DIRECTIVE, NEED_METADATA, Problem};
use crate::upyun::visit::Visit;

/// Adds to the metadata, replaces them all, or takes the named ones away.
pub(super) fn change(visit: &Visit<'_>, key: &Key) -> Result<Reply, Problem> {
    let request = visit.request;
    let how = request.query("metadata").filter(|how| !how.is_empty());
    let how = how.as_deref().unwrap_or("merge");
    if !matches!(how, "merge" | "replace" | "delete") {
        return Err(METADATA_DIRECTIVE);
    }
    let named = request.headers_of("x-upyun-meta-");
    if named.is_empty() {
        return Err(NEED_METADATA);
    }
    let touches = request.query("update_last_modified").as_deref() == Some("true");
    visit.state.upyun.objects.amend(key, |object| {
        match how {
            "delete" => object.metas.retain(|name, _| !named.iter().any(|(gone, _)| gone == name)),
            "replace" => object.metas = named.into_iter().collect(),
            _ => object.metas.extend(named),
        }
        if touches {
            object.modified = visit.second();
        }
    })?;
    Ok(done(200))
}
