//! Upyun's word that a conversion is over: given to the job that waits for it.
//!
//! A word that comes before its job waits finds nobody and is dropped: the job looks for itself when its
//! wait ends.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use actix_web::HttpRequest;
use actix_web::http::header::{AUTHORIZATION, DATE, HeaderName};
use actix_web::web::Payload;
use wxgate_job::Awaited;
use wxgate_store::Store;
use wxgate_upyun::notify::verify;
use wxgate_upyun::{Account, Headers, Notification, NotifyError};

use super::refused::Refused;
use crate::Refusal;
use crate::body::{self, Bounds};
use crate::gateway::Gateway;

/// Where Upyun posts to. It signs this path, so a proxy must not rewrite it; one that is asked for with
/// a path before it signs that, too.
pub(super) const PATH: &str = "/upyun/notify";

/// A task's record has some hundred bytes, with information on its streams some KiB.
const BOUNDS: Bounds = Bounds { limit: 64 << 10, within: Duration::from_secs(3) };

const CONTENT_MD5: HeaderName = HeaderName::from_static("content-md5");

/// Takes care of a post, or fails so that Upyun may post it again.
pub(super) async fn take(request: &HttpRequest, payload: Payload, gateway: &Gateway) -> Result<(), Refused> {
    let account = gateway.upyun.as_ref().ok_or(Refused::Unexpected)?;
    let mut room = gateway.room.enter();
    let body = body::read(request, payload, BOUNDS, &mut room).await?;
    let notification = verified(request, account, &gateway.public_url, &body)?;
    let awaited = Awaited(format!("upyun:{}", notification.task_id));
    let news = serde_json::to_string(&notification).map_err(Refusal::internal)?;
    let bell = Arc::clone(&gateway.bell);
    let tell = |store: Arc<dyn Store>| async move {
        if let Some(doorbell) = store.report(&awaited, &news).await? {
            bell.ring(doorbell);
        }
        Ok(())
    };
    Ok(gateway.ask_store(tell).await??)
}

/// Signed is the path that Upyun asked for: ours as it came, or with what a proxy took off it.
fn verified(
    request: &HttpRequest,
    account: &Account,
    public_url: &str,
    body: &[u8],
) -> Result<Notification, NotifyError> {
    let header = |name| request.headers().get(name).and_then(|value| value.to_str().ok());
    let headers = Headers {
        authorization: header(AUTHORIZATION),
        date: header(DATE),
        content_md5: header(CONTENT_MD5),
    };
    let now = SystemTime::now();
    let asked_for = format!("{public_url}{PATH}");
    let whole = asked_for.split_once("://").and_then(|(_, rest)| rest.find('/').map(|at| &rest[at..]));
    match verify(account, request.path(), &headers, body, now) {
        Err(NotifyError::WrongSignature) => verify(account, whole.unwrap_or(PATH), &headers, body, now),
        verdict => verdict,
    }
}
