//! Times as an operator reads them: RFC 3339 in this machine's time zone.

use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use jiff::{Error, Timestamp};

/// `2026-11-22T16:45:25+08:00` for Unix seconds.
pub(crate) fn local(unix_s: i64) -> String {
    in_zone(unix_s, TimeZone::system())
}

/// Unix seconds, by this machine's clock.
pub(crate) fn now_seconds() -> i64 {
    Timestamp::now().as_second()
}

/// Unix milliseconds for a date or a time, by this machine's time zone unless it names its own offset.
///
/// # Errors
/// When it is neither.
pub(crate) fn parse(text: &str) -> Result<i64, Error> {
    parse_in(text, TimeZone::system())
}

fn parse_in(text: &str, zone: TimeZone) -> Result<i64, Error> {
    let time = text.parse::<Timestamp>().or_else(|_no_offset| {
        let local: DateTime = text.parse()?;
        Ok::<_, Error>(local.to_zoned(zone)?.timestamp())
    })?;
    Ok(time.as_millisecond())
}

fn in_zone(unix_s: i64, zone: TimeZone) -> String {
    match Timestamp::from_second(unix_s) {
        Ok(time) => time.to_zoned(zone).strftime("%Y-%m-%dT%H:%M:%S%:z").to_string(),
        // Beyond the year 9999: still better than nothing.
        Err(_) => format!("{unix_s} s"),
    }
}

#[cfg(test)]
mod tests {
    use jiff::tz::Offset;

    use super::*;

    #[test]
    fn a_time_is_shown_with_its_offset_and_one_out_of_range_as_it_is() {
        let shanghai = || TimeZone::fixed(Offset::constant(8));
        assert_eq!(in_zone(1_459_817_487, shanghai()), "2016-04-05T08:51:27+08:00");
        assert_eq!(in_zone(0, TimeZone::UTC), "1970-01-01T00:00:00+00:00");
        assert_eq!(in_zone(i64::MAX, shanghai()), format!("{} s", i64::MAX));
    }

    #[test]
    fn a_time_is_read_in_this_zone_unless_it_names_its_own() {
        let read = |text| parse_in(text, TimeZone::fixed(Offset::constant(8))).ok();
        assert_eq!(read("1970-01-01T08:00:01"), Some(1000));
        assert_eq!(read("1970-01-01 08:01"), Some(60_000));
        assert_eq!(read("1970-01-02"), Some(16 * 3_600_000));
        assert_eq!(read("1970-01-01T00:00:02Z"), Some(2000));
        assert_eq!(read("1970-01-01T01:00:02+01:00"), Some(2000));
        assert_eq!(read("yesterday"), None);
    }
}
