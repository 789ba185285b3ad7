//! `/media/<name>`: a medium that is kept on this machine. Users sent it, so nothing in it may run.

use actix_files::NamedFile;
use actix_web::HttpResponse;
use actix_web::http::header::{
    CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HeaderName, HeaderValue,
    X_CONTENT_TYPE_OPTIONS,
};
use actix_web::web::block;
use futures_util::future::LocalBoxFuture;
use wxgate_media::MediaType;
use wxgate_media::storage::folder;

use super::fault::Fault;
use super::visit::Visit;
use crate::Refusal;

/// Whoever knows the name may keep the file: it never becomes another one.
const KEPT: HeaderValue = HeaderValue::from_static("private, max-age=86400, immutable");

pub(super) fn visit(visit: &Visit) -> LocalBoxFuture<'_, Result<HttpResponse, Fault>> {
    Box::pin(serve(visit))
}

async fn serve(visit: &Visit) -> Result<HttpResponse, Fault> {
    let name = visit.request.match_info().get("name").ok_or(Fault::NoSuchPage)?.to_owned();
    let folder = visit.gateway.media_folder.clone();
    let open = move || {
        let (path, media) = folder::open(&folder, &name)?;
        NamedFile::open(path).ok().map(|file| (file, media))
    };
    let opened = block(open).await.map_err(Refusal::internal)?;
    let (file, media) = opened.ok_or(Fault::NoSuchPage)?;
    Ok(bound(file.into_response(&visit.request), media))
}

/// With the headers that bind a browser, in place of those that the file's name gave rise to.
fn bound(mut response: HttpResponse, media: MediaType) -> HttpResponse {
    let shown = if media == MediaType::UNKNOWN { "attachment" } else { "inline" };
    let headers: [(HeaderName, HeaderValue); 5] = [
        (CONTENT_TYPE, HeaderValue::from_static(media.mime)),
        (CONTENT_DISPOSITION, HeaderValue::from_static(shown)),
        (X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
        (CONTENT_SECURITY_POLICY, HeaderValue::from_static("default-src 'none'; sandbox")),
        (CACHE_CONTROL, KEPT),
    ];
    for (name, value) in headers {
        response.headers_mut().insert(name, value);
    }
    response
}
