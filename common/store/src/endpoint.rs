//! Which callbacks share the same slots: those to the same scheme, host and port.

/// The part of an address by which slots are shared out: scheme and authority, in lower case. Addresses
/// that were accepted are well formed, so nothing needs to be parsed here.
#[must_use]
pub fn endpoint_of(url: &str) -> String {
    let authority_at = url.find("://").map_or(0, |at| at + 3);
    let rest = &url[authority_at..];
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    url[..authority_at + end].to_ascii_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_endpoint_is_scheme_host_and_port() {
        assert_eq!(endpoint_of("https://Shop.example:8443/a?b#c"), "https://shop.example:8443");
        assert_eq!(endpoint_of("http://shop.example?x=/"), "http://shop.example");
        assert_eq!(endpoint_of("shop.example/a"), "shop.example");
    }
}
