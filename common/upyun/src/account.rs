//! Who we are at Upyun, and where it is.

use url::Url;
use wxgate_secret::Secret;

/// One bucket, and the operator who may read and write it. `Debug` shows no password.
#[derive(Clone, Debug)]
pub struct Account {
    /// The bucket, Upyun's 'service': lower-case letters, digits and hyphens.
    pub bucket: String,
    /// The operator's name.
    pub operator: String,
    /// The operator's password, as typed. What signs is its MD5.
    pub password: Secret,
}

/// The addresses of Upyun's hosts. Each may carry a path, as a proxy's may: it is not signed, since
/// the proxy takes it off again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bases {
    /// Storage; Upyun's own is `https://v0.api.upyun.com`.
    pub api: Url,
    /// Media processing; `https://p0.api.upyun.com`.
    pub process: Url,
    /// Where everybody fetches the bucket's files, its name not in the path;
    /// `http://<bucket>.b0.upaiyun.com`, or a domain bound to the bucket.
    pub public: Url,
}

/// The address of `uri`, which begins with a slash and is escaped already.
pub(crate) fn below(base: &Url, uri: &str) -> String {
    format!("{}{uri}", base.as_str().trim_end_matches('/'))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]
    use super::*;

    #[test]
    fn an_address_lies_below_its_base_whether_that_ends_in_a_slash_or_not() {
        for (base, address) in [
            ("https://v0.api.upyun.com", "https://v0.api.upyun.com/b/a.txt"),
            ("http://127.0.0.1:8182/", "http://127.0.0.1:8182/b/a.txt"),
            ("https://proxy.example/up/", "https://proxy.example/up/b/a.txt"),
        ] {
            assert_eq!(below(&base.parse().unwrap(), "/b/a.txt"), address);
        }
    }

    #[test]
    fn a_debug_print_shows_no_password() {
        let password = Secret::new("CANARY");
        let account = Account { bucket: "b".to_owned(), operator: "o".to_owned(), password };
        assert!(!format!("{account:?}").contains("CANARY"));
    }
}
