//! Pictures of QR codes.

use url::Url;

use crate::bases::below;
use crate::call::with_query;
use crate::client::WeChat;

impl WeChat {
    /// Where the picture of a QR code is, by the `ticket` that came with the code. Whoever has the
    /// address sees it.
    #[must_use]
    pub fn show_qrcode_url(&self, ticket: &str) -> Url {
        with_query(&below(&self.bases().mp, "/cgi-bin/showqrcode"), &[("ticket", ticket)])
    }
}
