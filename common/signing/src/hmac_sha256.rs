//! The strong scheme: HMAC-SHA256, keyed with `client_secret`, over `<interface>\n` and the sorted
//! parameters as `name=value` joined by `&`, both percent-encoded by RFC 3986. It binds names,
//! values and the interface.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use wxgate_secret::Secret;

use crate::Authcode;
use crate::keyed::Keyed;
use crate::params::signed;

/// All but the unreserved characters of RFC 3986, section 2.3.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// What stands in the interface's place when a callback is signed, so that no callback can be
/// posted back as a request.
pub const CALLBACK: &str = "callback";

/// Signs `params`, which are as decoded, for `interface` (the last segment of its path, or
/// [`CALLBACK`]); empty ones and `authcode` do not count.
#[must_use]
pub fn authcode<'p>(
    interface: &str,
    params: impl IntoIterator<Item = (&'p str, &'p str)>,
    secret: &Secret,
) -> Authcode {
    let mut mac = Keyed::new(secret.expose().as_bytes());
    mac.update(interface.as_bytes());
    mac.update(b"\n");
    let mut before = "";
    for (name, value) in signed(params) {
        mac.update(before.as_bytes());
        update_encoded(&mut mac, name);
        mac.update(b"=");
        update_encoded(&mut mac, value);
        before = "&";
    }
    Authcode::HmacSha256(mac.finish())
}

fn update_encoded(mac: &mut Keyed, text: &str) {
    for part in utf8_percent_encode(text, RESERVED) {
        mac.update(part.as_bytes());
    }
}
