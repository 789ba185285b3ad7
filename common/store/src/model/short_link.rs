//! Short links.

/// A short link.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ShortLink {
    /// 32 hex digits, random.
    pub id: String,
    /// Whose it is.
    pub client: String,
    /// The caller's scene (`out_id`).
    pub out_id: String,
    /// Where it leads, as the caller sent it.
    pub target: String,
}
