//! `/tu/<32 hex digits>`: sends the visitor where the link leads, and counts.

use actix_web::HttpResponse;
use futures_util::future::LocalBoxFuture;
use wxgate_store::{Store, StoreError};

use super::board::is_key;
use super::fault::Fault;
use super::frame::redirect;
use super::visit::Visit;
use crate::uri::web_address;

pub(super) fn visit(visit: &Visit) -> LocalBoxFuture<'_, Result<HttpResponse, Fault>> {
    Box::pin(follow(visit))
}

async fn follow(visit: &Visit) -> Result<HttpResponse, Fault> {
    let id =
        visit.request.match_info().get("id").filter(|id| is_key(id)).ok_or(Fault::NoSuchPage)?.to_owned();
    let look = visit.is_a_look();
    let target = visit.ask_store(|store| async move { target(store.as_ref(), &id, look).await }).await?;
    let url = web_address(&target.ok_or(Fault::NoSuchPage)?).ok_or(Fault::NoAddress)?;
    Ok(redirect(&url))
}

/// Only a visit to a link that is there is written: addresses that strangers try cost a look each.
async fn target(store: &dyn Store, id: &str, look: bool) -> Result<Option<String>, StoreError> {
    match store.short_link_target(id).await? {
        Some(_) if !look => store.visit_short_link(id).await,
        target => Ok(target),
    }
}
