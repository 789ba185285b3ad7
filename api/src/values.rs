//! Reading values out of parameters, with refusals that say what is wanted.

use std::ops::RangeInclusive;

use crate::{Call, Refusal};

/// The end of the year 9999: what lies beyond was meant in milliseconds.
const LAST_SECOND: i64 = 253_402_300_799;

/// A point in time, in Unix milliseconds as the store counts, from a parameter in Unix seconds.
pub(crate) fn time_ms(call: &Call<'_>, name: &'static str) -> Result<Option<i64>, Refusal> {
    let Some(text) = call.given(name) else { return Ok(None) };
    match whole_number(text, 0..=LAST_SECOND) {
        Some(seconds) => Ok(Some(seconds * 1000)),
        None => Err(Refusal::malformed(name, "must be Unix seconds")),
    }
}

/// A choice between no (absent, `0`) and yes (`1`).
pub(crate) fn flag(call: &Call<'_>, name: &'static str) -> Result<bool, Refusal> {
    match call.given(name) {
        None | Some("0") => Ok(false),
        Some("1") => Ok(true),
        Some(_) => Err(Refusal::malformed(name, "must be 0 or 1")),
    }
}

/// A number written in decimal digits alone.
pub(crate) fn whole_number(text: &str, range: RangeInclusive<i64>) -> Option<i64> {
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|number| digits && range.contains(number))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_whole_number_is_digits_within_its_range() {
        assert_eq!(whole_number("0", 0..=30), Some(0));
        assert_eq!(whole_number("30", 0..=30), Some(30));
        for refused in ["", "31", "-1", "+1", "1.5", " 1", "1e1", "１", "99999999999999999999"] {
            assert_eq!(whole_number(refused, 0..=30), None, "{refused}");
        }
    }
}
