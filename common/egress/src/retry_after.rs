//! The `Retry-After` header (RFC 9110, section 10.2.3).

use std::time::{Duration, SystemTime};

use reqwest::header::{HeaderMap, RETRY_AFTER};

/// The longest that a receiver may put us off: 6 hours, as the interface promises.
pub const MAX_RETRY_AFTER: Duration = Duration::from_hours(6);

/// The pause that `headers` ask for: seconds, or a date (a past one is no pause), at most
/// [`MAX_RETRY_AFTER`]. `None` without the header or when it is neither.
pub(crate) fn retry_after(headers: &HeaderMap, now: SystemTime) -> Option<Duration> {
    let value = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    let pause = seconds(value).or_else(|| until(value, now))?;
    Some(pause.min(MAX_RETRY_AFTER))
}

fn seconds(value: &str) -> Option<Duration> {
    let digits = !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit());
    // Digits that overflow are a very long time, not a malformed one.
    digits.then(|| Duration::from_secs(value.parse().unwrap_or(u64::MAX)))
}

fn until(date: &str, now: SystemTime) -> Option<Duration> {
    let date = httpdate::parse_http_date(date).ok()?;
    Some(date.duration_since(now).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use super::*;

    /// Read at 1994-11-06 08:49:00 UTC.
    fn read(value: &str) -> Option<Duration> {
        let now = SystemTime::UNIX_EPOCH + Duration::from_mins(13_068_529);
        retry_after(&HeaderMap::from_iter([(RETRY_AFTER, value.parse().unwrap())]), now)
    }

    #[test]
    fn seconds_and_all_three_forms_of_a_date_are_read() {
        assert_eq!(read("0"), Some(Duration::ZERO));
        assert_eq!(read(" 121 "), Some(Duration::from_secs(121)));
        for date in
            ["Sun, 06 Nov 1994 08:49:37 GMT", "Sunday, 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994"]
        {
            assert_eq!(read(date), Some(Duration::from_secs(37)), "{date}");
        }
    }

    #[test]
    fn a_past_date_is_no_pause() {
        assert_eq!(read("Sun, 06 Nov 1994 08:48:59 GMT"), Some(Duration::ZERO));
    }

    #[test]
    fn no_pause_is_longer_than_six_hours() {
        for value in ["21601", "99999999999999999999999999", "Mon, 07 Nov 1994 08:49:37 GMT"] {
            assert_eq!(read(value), Some(MAX_RETRY_AFTER), "{value}");
        }
        assert_eq!(read("21599"), Some(Duration::from_secs(21_599)));
    }

    #[test]
    fn anything_else_is_ignored() {
        for value in ["", "-1", "+5", "1.5", "soon", "1e3"] {
            assert_eq!(read(value), None, "{value}");
        }
        assert_eq!(retry_after(&HeaderMap::new(), SystemTime::now()), None);
    }
}
