//! Times as an operator reads them: RFC 3339 in this machine's time zone.

use jiff::Timestamp;
use jiff::tz::TimeZone;

/// `2026-11-22T16:45:25+08:00` for Unix milliseconds.
pub(crate) fn local(unix_ms: i64) -> String {
    in_zone(unix_ms, TimeZone::system())
}

/// Unix seconds, for programs: as callers of the gateway see times.
pub(crate) const fn seconds(unix_ms: i64) -> i64 {
    unix_ms.div_euclid(1000)
}

/// Unix seconds, by this machine's clock.
pub(crate) fn now_seconds() -> i64 {
    Timestamp::now().as_second()
}

fn in_zone(unix_ms: i64, zone: TimeZone) -> String {
    match Timestamp::from_millisecond(unix_ms) {
        Ok(time) => time.to_zoned(zone).strftime("%Y-%m-%dT%H:%M:%S%:z").to_string(),
        // Beyond the year 9999: still better than nothing.
        Err(_) => format!("{unix_ms} ms"),
    }
}

#[cfg(test)]
mod tests {
    use jiff::tz::Offset;

    use super::*;

    #[test]
    fn a_time_is_shown_with_its_offset_and_one_out_of_range_as_it_is() {
        let shanghai = || TimeZone::fixed(Offset::constant(8));
        assert_eq!(in_zone(1_459_817_487_999, shanghai()), "2016-04-05T08:51:27+08:00");
        assert_eq!(in_zone(0, TimeZone::UTC), "1970-01-01T00:00:00+00:00");
        assert_eq!(in_zone(i64::MAX, shanghai()), format!("{} ms", i64::MAX));
    }

    #[test]
    fn seconds_are_rounded_down_before_1970_too() {
        assert_eq!((seconds(1_999), seconds(-1)), (1, -1));
    }
}
