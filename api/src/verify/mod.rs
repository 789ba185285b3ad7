//! The one verification that every request of every interface passes, in the documented order. Knows no
//! HTTP: it turns a query and a body into a [`Call`] or a [`Refusal`].
//!
//! Whoever cannot sign gets no further than comparing a hash: values are looked at by the handlers.

mod caller;
mod freshness;
mod parameters;
mod permission;
mod signature;

use wxgate_signing::Form;

use crate::gateway::Gateway;
use crate::interface::{CLIENT_CODE, REQ_TIME};
use crate::{Call, Interface, Refusal};

/// What a request brings besides its query.
pub(crate) enum Sent<'a> {
    /// A body as it came.
    Body(&'a [u8]),
    /// The texts of a multipart body.
    Texts(Form<'a>),
}

/// Verifies a request made at `now` (Unix seconds).
pub(crate) fn verify<'a>(
    interface: &'static Interface,
    query: &'a [u8],
    sent: Sent<'a>,
    gateway: &'a Gateway,
    now: i64,
) -> Result<Call<'a>, Refusal> {
    let (sent, body) = match sent {
        Sent::Body(body) => (Form::parse(body), body),
        Sent::Texts(texts) => (Ok(texts), &[][..]),
    };
    let (authcode, form) = parameters::read(query, sent)?;
    let authcode = parameters::complete(interface, authcode.as_deref(), &form, body)?;
    let directory = gateway.directory.now();
    let (client, secret) = caller::client(&directory, form.get(CLIENT_CODE).unwrap_or_default())?;
    freshness::check(form.get(REQ_TIME).unwrap_or_default(), now)?;
    let authcode = signature::check(interface, authcode, &form, client, secret, now * 1000)?;
    permission::check(interface, client, &directory)?;
    let app = caller::app(&directory, client)?;
    Ok(Call { interface, authcode, client: client.clone(), app: app.clone(), form, file: None, gateway })
}
