//! How requests and callbacks are signed, and how a signature is checked. No HTTP, no database.
//!
//! Begin with [`Form`], the parameters of a request, and [`Authcode`], what a caller sends along.
//! [`md5`] is the documented scheme, [`hmac_sha256`] the strong one, [`webhook`] the headers of
//! the Standard Webhooks specification. [`fingerprint`] and [`content_digest`] tell whether two
//! requests are the same.

mod authcode;
mod fingerprint;
mod form;
pub mod hmac_sha256;
mod keyed;
pub mod md5;
mod params;
pub mod webhook;

pub use authcode::{Authcode, InvalidAuthcode, Scheme};
pub use fingerprint::{content_digest, fingerprint};
pub use form::{Form, FormError};
pub use webhook::{InvalidWebhookSecret, WebhookSecret};
