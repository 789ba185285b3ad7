//! Which parameters a signature covers, and in what order.

/// Where the documented scheme places the secret among the parameters.
pub(crate) const CLIENT_SECRET: &str = "client_secret";

/// Carries the signature, so it cannot be covered by it.
const AUTHCODE: &str = "authcode";

/// The parameters that count (not empty, not `authcode`), sorted by name in byte order.
pub(crate) fn signed<'p>(params: impl IntoIterator<Item = (&'p str, &'p str)>) -> Vec<(&'p str, &'p str)> {
    let mut signed: Vec<_> =
        params.into_iter().filter(|(name, value)| !value.is_empty() && *name != AUTHCODE).collect();
    signed.sort_by_key(|&(name, _)| name);
    signed
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_sort_by_bytes_and_what_is_empty_or_the_authcode_is_left_out() {
        let params =
            [("名", "1"), ("b", "2"), ("B", "3"), ("_", "4"), ("empty", ""), ("authcode", "5"), ("a", "6")];
        assert_eq!(signed(params), [("B", "3"), ("_", "4"), ("a", "6"), ("b", "2"), ("名", "1")]);
    }
}
