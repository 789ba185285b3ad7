//! What WeChat's card document asks of a kind of card. Limits that no source settles are
//! [`UNCONFIRMED`]: they are worth a warning, not a refusal.

use super::draft::{Flaw, Problem};

/// A type of card: its name, the member that describes it, and what that must hold beside
/// `base_info`.
pub(super) struct CardType {
    pub(super) name: &'static str,
    pub(super) member: &'static str,
    pub(super) required: &'static [&'static str],
}

#[rustfmt::skip]
const TYPES: &[CardType] = &[
    CardType { name: "GROUPON", member: "groupon", required: &["deal_detail"] },
    CardType { name: "CASH", member: "cash", required: &["least_cost", "reduce_cost"] },
    CardType { name: "DISCOUNT", member: "discount", required: &["discount"] },
    CardType { name: "GIFT", member: "gift", required: &["gift"] },
    CardType { name: "GENERAL_COUPON", member: "general_coupon", required: &["default_detail"] },
    CardType { name: "MEMBER_CARD", member: "member_card", required: &["prerogative", "supply_bonus", "supply_balance"] },
    CardType { name: "GENERAL_CARD", member: "general_card", required: &[] },
    CardType { name: "SCENIC_TICKET", member: "scenic_ticket", required: &[] },
    CardType { name: "MOVIE_TICKET", member: "movie_ticket", required: &[] },
    CardType { name: "BOARDING_PASS", member: "boarding_pass", required: &[] },
    CardType { name: "MEETING_TICKET", member: "meeting_ticket", required: &[] },
    CardType { name: "BUS_TICKET", member: "bus_ticket", required: &[] },
];

/// Texts that `base_info` must hold.
pub(super) const REQUIRED: &[&str] =
    &["logo_url", "code_type", "brand_name", "title", "color", "notice", "description"];

/// Texts of `base_info` and their lengths in bytes, three to a Chinese character.
pub(super) const LONGEST: &[(&str, usize)] =
    &[("brand_name", 36), ("title", 27), ("sub_title", 54), ("notice", 48), ("description", 3072)];

/// The same of a member card.
pub(super) const LONGEST_PREROGATIVE: (&str, usize) = ("prerogative", 3072);

/// Texts of `base_info` and their lengths in characters, as far as they are known.
pub(super) const UNCONFIRMED: &[(&str, usize)] = &[
    ("custom_url_name", 5),
    ("custom_url_sub_title", 6),
    ("promotion_url_name", 5),
    ("promotion_url_sub_title", 6),
];

/// Most copies of one kind of card.
pub(super) const LARGEST_STOCK: u64 = 100_000_000;

pub(super) const CODE_TYPES: &[&str] = &[
    "CODE_TYPE_TEXT",
    "CODE_TYPE_BARCODE",
    "CODE_TYPE_QRCODE",
    "CODE_TYPE_ONLY_BARCODE",
    "CODE_TYPE_ONLY_QRCODE",
    "CODE_TYPE_NONE",
];

/// The type of this name.
pub(super) fn card_type(name: &str) -> Result<&'static CardType, Flaw> {
    let known: Vec<&'static str> = TYPES.iter().map(|known| known.name).collect();
    let found = TYPES.iter().find(|known| known.name == name);
    found.ok_or_else(|| Flaw::new("card.card_type", Problem::NotOneOf(known)))
}

/// Whether it is `Color010` to `Color100`, or looks like one of them.
pub(super) fn is_color(text: &str) -> bool {
    let number = text.strip_prefix("Color").unwrap_or_default();
    number.len() == 3 && number.bytes().all(|byte| byte.is_ascii_digit())
}
