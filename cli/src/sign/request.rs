//! The signed request as a line for a shell.

use wxgate_settings::BaseUrl;

/// Where to post it.
pub(super) fn url(base: &BaseUrl, interface: &str, authcode: &str) -> String {
    base.join(&format!("/weixinapi/{interface}?authcode={authcode}"))
}

/// The line. The body is encoded already, so `--data` sends it as it is.
pub(super) fn curl(url: &str, body: &str) -> String {
    format!("curl -sS {} --data {}", quoted(url), quoted(body))
}

/// One word for a POSIX shell: between single quotes nothing has a meaning but the quote itself.
fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use std::process::Command;

    use super::*;

    #[test]
    fn a_shell_reads_a_quoted_word_back_as_it_was() {
        for word in ["", "plain", "it's", "''", "$(touch x)`y`\\\"!*", "a b\nc\t值"] {
            let line = format!("printf %s {}", quoted(word));
            let output = Command::new("sh").args(["-c", &line]).output().unwrap();
            assert_eq!(String::from_utf8(output.stdout).unwrap(), word);
        }
    }
}
