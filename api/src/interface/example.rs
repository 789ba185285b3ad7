//! What every sandbox has from the start: examples are made of it.

/// A subscriber.
pub(crate) const OPENID: &str = "oSandboxUser01";
/// A coupon.
pub(crate) const CARD: &str = "pSandboxCard01";
/// A member card.
pub(crate) const MEMBER_CARD: &str = "pSandboxMember01";
/// Somebody's page.
pub(crate) const PAGE: &str = "https://shop.example/landed";
