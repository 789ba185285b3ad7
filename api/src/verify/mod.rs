//! The one verification that every request of every interface passes, in the documented order. Knows no
//! HTTP: it turns a query and a body into a [`Call`] or a [`Refusal`].
//!
//! Whoever cannot sign gets no further than comparing a hash: values are looked at by the handlers.

mod caller;
mod freshness;
mod parameters;
mod permission;
mod signature;

use crate::gateway::Gateway;
use crate::interface::{CLIENT_CODE, REQ_TIME};
use crate::{Call, Interface, Refusal};

/// Verifies a request made at `now` (Unix seconds).
pub(crate) fn verify<'a>(
    interface: &'static Interface,
    query: &'a [u8],
    body: &'a [u8],
    gateway: &'a Gateway,
    now: i64,
) -> Result<Call<'a>, Refusal> {
    let (authcode, form) = parameters::read(query, body)?;
    let authcode = parameters::complete(interface, authcode.as_deref(), &form, body)?;
    let directory = gateway.directory.now();
    let (client, secret) = caller::client(&directory, form.get(CLIENT_CODE).unwrap_or_default())?;
    freshness::check(form.get(REQ_TIME).unwrap_or_default(), now)?;
    let authcode = signature::check(interface, authcode, &form, client, secret)?;
    permission::check(interface, client, &directory)?;
    let app = caller::app(&directory, client)?;
    Ok(Call { interface, authcode, client: client.clone(), app: app.clone(), form, gateway })
}
