//! The signatures that pages and cards carry. All are SHA-1, which WeChat demands; what is secret
//! in them is the ticket, or the app's secret.

use sha1::{Digest, Sha1};

/// What the signature of a `cardExt` is made of. Empty text does not count, and what is signed has
/// to be in the `cardExt`, neither more nor less of it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CardExt<'a> {
    /// Unix seconds, as written there.
    pub timestamp: &'a str,
    /// The kind of card.
    pub card_id: &'a str,
    /// Of a card with codes of the merchant's own.
    pub code: &'a str,
    /// Of a card for one user alone.
    pub openid: &'a str,
    /// Never the same twice within one second.
    pub nonce_str: &'a str,
    /// Of a red packet.
    pub balance: &'a str,
}

impl CardExt<'_> {
    /// The `signature`, with the app's card ticket.
    #[must_use]
    pub fn sign(&self, card_ticket: &str) -> String {
        let Self { timestamp, card_id, code, openid, nonce_str, balance } = *self;
        sorted_values([card_ticket, timestamp, card_id, code, openid, nonce_str, balance])
    }
}

/// What the signature of `wx.chooseCard` is made of. Empty text does not count.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ChooseCard<'a> {
    /// The app.
    pub app_id: &'a str,
    /// The shop (`shopId` in the page).
    pub location_id: &'a str,
    /// Unix seconds, as in the page.
    pub timestamp: &'a str,
    /// As in the page.
    pub nonce_str: &'a str,
    /// Only this kind of card.
    pub card_id: &'a str,
    /// Only this type, such as `GROUPON`.
    pub card_type: &'a str,
}

impl ChooseCard<'_> {
    /// The `cardSign`, with the app's card ticket.
    #[must_use]
    pub fn sign(&self, card_ticket: &str) -> String {
        let Self { app_id, location_id, timestamp, nonce_str, card_id, card_type } = *self;
        sorted_values([card_ticket, app_id, location_id, timestamp, nonce_str, card_id, card_type])
    }
}

/// The `signature` by which an address that a card leads to is known to come from WeChat; `code` as
/// decrypted.
#[must_use]
pub fn card_redirect(app_secret: &str, code: &str, card_id: &str) -> String {
    sorted_values([app_secret, code, card_id])
}

/// The `signature` of `wx.config`, for the page at `url`. Its fragment does not count.
#[must_use]
pub fn js_sdk(jsapi_ticket: &str, nonce_str: &str, timestamp: u64, url: &str) -> String {
    let url = url.split_once('#').map_or(url, |(page, _fragment)| page);
    let signed = format!("jsapi_ticket={jsapi_ticket}&noncestr={nonce_str}&timestamp={timestamp}&url={url}");
    hex::encode(Sha1::digest(signed))
}

/// The values, sorted by their bytes, without a border between them: names do not count.
fn sorted_values<const N: usize>(mut values: [&str; N]) -> String {
    values.sort_unstable();
    hex::encode(Sha1::digest(values.concat()))
}

#[cfg(test)]
mod tests {
    use super::*;

    const TICKET: &str = "TICKET-card-invented-0001";
    const CARD: &str = "pINVENTED_card_0001";
    const TIME: &str = "1700000000";
    const NONCE: &str = "nOnCe-42";

    #[test]
    fn values_are_sorted_by_their_bytes() {
        for (values, digest) in [
            (["aaaa", "bbbb", "cccc", "dddd", "eeee", "ffff"], "89a0e60888a9471f75dc5eb0ee86431ddbec1fd9"),
            (["ffff", "eeee", "dddd", "cccc", "bbbb", "aaaa"], "89a0e60888a9471f75dc5eb0ee86431ddbec1fd9"),
            (["", "789", "", "456", "123", ""], "f7c3bc1d808e04732adf679965ccc34ca7ae3441"),
        ] {
            assert_eq!(sorted_values(values), digest);
        }
    }

    #[test]
    fn a_card_ext_has_wechats_signature() {
        let bare = CardExt { timestamp: TIME, card_id: CARD, ..CardExt::default() };
        let with_nonce = CardExt { nonce_str: NONCE, ..bare };
        let whole = CardExt { code: "110201201245", openid: "oINVENTED_openid_01", ..with_nonce };

        assert_eq!(bare.sign(TICKET), "41b5cbbc5b5e6ec01ed59e9d079d6b779a287c5e");
        assert_eq!(with_nonce.sign(TICKET), "4c2a1d452e3c4509e1f8e9a2ecea1dc3247149c1");
        assert_eq!(whole.sign(TICKET), "a9108892f148f042b182e4e6747d58405d754196");
        assert_ne!(whole.sign(TICKET), "35d6d655886e79c51ffd3e5b5875757be6ed0c07", "sorted without case");
    }

    #[test]
    fn choosing_a_card_has_wechats_signature() {
        let app_id = "wx0000000000000001";
        let any = ChooseCard { app_id, timestamp: TIME, nonce_str: NONCE, ..ChooseCard::default() };
        let groupon = ChooseCard { card_type: "GROUPON", ..any };
        let one = ChooseCard { location_id: "271262077", card_id: CARD, ..groupon };
        let invoice = ChooseCard { card_type: "INVOICE", ..any };

        assert_eq!(groupon.sign(TICKET), "6958c5cf5f5b96833438cdf9bc165ff38c840e46");
        assert_eq!(one.sign(TICKET), "17029b840f7112e759ab4370752004d09fb9719c");
        assert_eq!(invoice.sign(TICKET), "1e1d6d2917d39558ad2150476c226e8e639b63b2");
    }

    #[test]
    fn an_address_that_a_card_leads_to_has_wechats_signature() {
        let signature = card_redirect("INVENTED_SECRET", "110201201245", CARD);
        assert_eq!(signature, "efb5a5857576686e2a648f890b4b6941b3d0e2be");
    }

    #[test]
    fn a_page_has_wechats_signature_whatever_its_fragment() {
        for url in ["https://shop.example/a?b=1", "https://shop.example/a?b=1#part"] {
            let signature = js_sdk("TICKET-jsapi-invented-0001", NONCE, 1_700_000_000, url);
            assert_eq!(signature, "df241284580cc117f8d016e5aa51bb2a655a48ce");
        }
    }
}
