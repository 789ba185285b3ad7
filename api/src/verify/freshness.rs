//! Whether a request was made just now (101).

use crate::Refusal;

/// The most that `req_time` may be off, either way (s), by section 2.2 of the document.
const AT_MOST: u64 = 300;

/// Checks `req_time` against the time here (Unix seconds).
pub(super) fn check(req_time: &str, now: i64) -> Result<(), Refusal> {
    let ten_digits = req_time.len() == 10 && req_time.bytes().all(|byte| byte.is_ascii_digit());
    let made: i64 = req_time.parse().ok().filter(|_| ten_digits).ok_or(Refusal::MalformedTime)?;
    match made.abs_diff(now) {
        0..=AT_MOST => Ok(()),
        off => Err(Refusal::Stale { off, now, at_most: AT_MOST }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn three_hundred_seconds_either_way_are_taken() {
        let now = 1_459_817_487;
        for off in [-300, 0, 300] {
            assert!(check(&(now + off).to_string(), now).is_ok(), "{off}");
        }
        for off in [-301, 301] {
            let refusal = check(&(now + off).to_string(), now);
            assert!(matches!(refusal, Err(Refusal::Stale { off: 301, .. })), "{off}");
        }
    }

    #[test]
    fn only_ten_digits_are_a_time() {
        for text in ["", "145981748", "14598174870", "1459817487000", "+145981748", "145981748x", "１４５"]
        {
            assert!(matches!(check(text, 1_459_817_487), Err(Refusal::MalformedTime)), "{text}");
        }
    }
}
