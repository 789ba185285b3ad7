//! Times as operators read them: Beijing's, by which WeChat counts its days, whatever zone this machine is
//! set to.

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::{Offset, TimeZone};

use crate::language::Language;

fn beijing() -> TimeZone {
    TimeZone::fixed(Offset::constant(8))
}

/// `2026-11-22 16:45:25` for Unix seconds.
pub(super) fn clock(unix_s: i64) -> String {
    in_beijing(unix_s, "%Y-%m-%d %H:%M:%S")
}

/// `16:45` for Unix seconds.
pub(super) fn hour_and_minute(unix_s: i64) -> String {
    in_beijing(unix_s, "%H:%M")
}

fn in_beijing(unix_s: i64, format: &str) -> String {
    match Timestamp::from_second(unix_s) {
        Ok(time) => time.to_zoned(beijing()).strftime(format).to_string(),
        // Beyond the year 9999: still better than nothing.
        Err(_) => format!("{unix_s} s"),
    }
}

/// Unix seconds of `2026-11-22T16:45` in Beijing, as browsers' fields for times send it, or of a number
/// that is Unix seconds already.
pub(super) fn parse(text: &str) -> Option<i64> {
    if let Ok(seconds) = text.parse() {
        return Some(seconds);
    }
    let time: DateTime = text.parse().ok()?;
    time.to_zoned(beijing()).ok().map(|time| time.timestamp().as_second())
}

/// A length of time in its one or two largest units.
pub(super) fn length(seconds: i64, language: Language) -> String {
    let seconds = seconds.max(0);
    let (days, hours, minutes) = (seconds / 86_400, seconds / 3600 % 24, seconds / 60 % 60);
    let units = language.pick(["天", "小时", "分", "秒"], ["d", "h", "min", "s"]);
    let [d, h, m, s] = units;
    match (days, hours, minutes) {
        (0, 0, 0) => format!("{seconds} {s}"),
        (0, 0, _) => format!("{minutes} {m} {} {s}", seconds % 60),
        (0, _, _) => format!("{hours} {h} {minutes} {m}"),
        _ => format!("{days} {d} {hours} {h}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_beijings() {
        assert_eq!(clock(1_459_817_487), "2016-04-05 08:51:27");
        assert_eq!(hour_and_minute(1_459_817_487), "08:51");
        assert_eq!(clock(i64::MAX), format!("{} s", i64::MAX));
        assert_eq!(parse("2016-04-05T08:51"), Some(1_459_817_460));
        assert_eq!(parse("1459817487"), Some(1_459_817_487));
        for bad in ["", "yesterday", "2016-04-05T25:00", "2016-13-01T00:00"] {
            assert_eq!(parse(bad), None, "{bad}");
        }
    }

    #[test]
    fn a_length_is_told_in_its_largest_units() {
        let english = |seconds| length(seconds, Language::English);
        assert_eq!([-1, 0, 59].map(english), ["0 s", "0 s", "59 s"]);
        assert_eq!([60, 3599, 3600].map(english), ["1 min 0 s", "59 min 59 s", "1 h 0 min"]);
        assert_eq!(length(90_000, Language::Chinese), "1 天 1 小时");
    }
}
