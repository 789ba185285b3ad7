//! Whether the client signed the request (109, 103).

use wxgate_secret::Secret;
use wxgate_signing::{Authcode, Form, Scheme};
use wxgate_store::model::operate::{Client, Signing};

use crate::{Interface, Refusal};

/// The authcode, once it is known to be the client's. That the client may not sign this way is told to
/// whoever can sign, so a stranger learns nothing. `now_ms` decides whether the secret before counts.
pub(super) fn check(
    interface: &Interface,
    authcode: &str,
    form: &Form<'_>,
    client: &Client,
    secret: &Secret,
    now_ms: i64,
) -> Result<Authcode, Refusal> {
    let authcode = Authcode::parse(authcode)?;
    let fits = |secret: &Secret| authcode.verify(interface.name, form.pairs(), secret);
    if !fits(secret) {
        if !client.former_secret_at(now_ms).is_some_and(fits) {
            return Err(Refusal::WrongAuthcode);
        }
        tracing::debug!(client = client.code, "request.signed_with_former_secret");
    }
    match (client.signing, authcode.scheme()) {
        (Signing::Md5, Scheme::HmacSha256) => Err(Refusal::SchemeNotAllowed { allowed: Scheme::Md5 }),
        (Signing::Hmac, Scheme::Md5) => Err(Refusal::SchemeNotAllowed { allowed: Scheme::HmacSha256 }),
        (Signing::Both, _) | (Signing::Md5, Scheme::Md5) | (Signing::Hmac, Scheme::HmacSha256) => {
            Ok(authcode)
        }
    }
}
