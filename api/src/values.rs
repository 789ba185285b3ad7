//! Reading values out of parameters, with refusals that say what is wanted.

use std::ops::RangeInclusive;

use serde_json::Value;
use serde_json::value::RawValue;

use crate::interface::Limit;
use crate::refusal::{Sentence, said};
use crate::{Call, Refusal};

/// The end of the year 9999: what lies beyond was meant in milliseconds.
const LAST_SECOND: i64 = 253_402_300_799;

/// A point in time, in Unix milliseconds as the store counts, from a parameter in Unix seconds.
pub(crate) fn time_ms(call: &Call<'_>, name: &'static str) -> Result<Option<i64>, Refusal> {
    let Some(text) = call.given(name) else { return Ok(None) };
    match whole_number(text, 0..=LAST_SECOND) {
        Some(seconds) => Ok(Some(seconds * 1000)),
        None => Err(Refusal::malformed(name, said("须为Unix时间戳（秒）", "must be Unix seconds"))),
    }
}

/// A choice between no (absent, `0`) and yes (`1`).
pub(crate) fn flag(call: &Call<'_>, name: &'static str) -> Result<bool, Refusal> {
    match call.given(name) {
        None | Some("0") => Ok(false),
        Some("1") => Ok(true),
        Some(_) => Err(Refusal::malformed(name, said("须为0或1", "must be 0 or 1"))),
    }
}

/// A text that was sent, is not blank and is not too long.
pub(crate) fn text<'c>(
    call: &'c Call<'_>,
    name: &'static str,
    limit: Limit,
) -> Result<Option<&'c str>, Refusal> {
    call.given(name).map(|text| within(name, text, limit)).transpose()
}

/// The text, if it is not too long.
pub(crate) fn within<'t>(name: &'static str, text: &'t str, limit: Limit) -> Result<&'t str, Refusal> {
    excess(text, limit).map_or(Ok(text), |reason| Err(Refusal::malformed(name, reason)))
}

/// What to say of a text that is too long.
pub(crate) fn excess(text: &str, limit: Limit) -> Option<Sentence> {
    let (length, most, unit_zh, unit_en) = match limit {
        Limit::Characters(most) => (text.chars().count(), most, "个字符", "characters"),
        Limit::Bytes(most) => (text.len(), most, "字节", "bytes"),
    };
    (length > most).then(|| said(format!("超过{most}{unit_zh}"), format!("is longer than {most} {unit_en}")))
}

/// A number as a number, and anything else as text: whether it will do is WeChat's to say. A whole number
/// too long to be held to the last digit is text, too.
pub(crate) fn number(call: &Call<'_>, name: &'static str) -> Option<Value> {
    call.given(name).map(number_or_text)
}

fn number_or_text(text: &str) -> Value {
    let exact = |value: &Value| value.is_u64() || value.is_f64() && text.contains(['.', 'e', 'E']);
    let whole = text.parse::<i64>().map(Value::from);
    whole.ok().or_else(|| serde_json::from_str(text).ok().filter(exact)).unwrap_or_else(|| Value::from(text))
}

/// The text of a JSON object, byte for byte as it was sent.
pub(crate) fn json_object<'t>(name: &'static str, text: &'t str) -> Result<&'t str, Refusal> {
    match serde_json::from_str::<&RawValue>(text) {
        Ok(value) if value.get().starts_with('{') => Ok(text),
        Ok(_) => Err(Refusal::malformed(name, said("须为JSON对象", "must be a JSON object"))),
        Err(error) => Err(Refusal::malformed(name, not_json(&error))),
    }
}

/// The objects of a JSON array that is not empty, each byte for byte as it was sent.
pub(crate) fn json_objects<'t>(name: &'static str, text: &'t str) -> Result<Vec<&'t RawValue>, Refusal> {
    match serde_json::from_str::<Vec<&RawValue>>(text) {
        Ok(list) if !list.is_empty() && list.iter().all(|value| value.get().starts_with('{')) => Ok(list),
        Ok(_) => Err(Refusal::malformed(
            name,
            said("须为非空的JSON对象数组", "must be a JSON array of objects, and not empty"),
        )),
        Err(error) => Err(Refusal::malformed(
            name,
            said(format!("不是JSON对象数组（{error}）"), format!("is not a JSON array of objects ({error})")),
        )),
    }
}

/// What is wrong with a text that is no JSON.
fn not_json(error: &serde_json::Error) -> Sentence {
    said(format!("不是有效的JSON（{error}）"), format!("is not JSON ({error})"))
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
    fn a_limit_counts_what_it_says() {
        assert!(within("a", "四个汉字", Limit::Bytes(12)).is_ok());
        assert!(within("a", "四个汉字!", Limit::Bytes(12)).is_err());
        assert!(within("a", &"字".repeat(20), Limit::Characters(20)).is_ok());
        assert!(within("a", &"字".repeat(21), Limit::Characters(20)).is_err());
    }

    #[test]
    fn a_json_object_is_an_object_and_whole() {
        for text in ["{}", r#" {"a":"\u503c"} "#] {
            assert_eq!(json_object("a", text).ok(), Some(text));
        }
        for text in ["", "[]", "\"{}\"", "{", "{}}", r#"{"a":}"#, "null"] {
            assert!(json_object("a", text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_number_is_a_number_and_all_else_is_text() {
        for (text, number) in [("0", 0), ("-30", -30), ("+5", 5), ("007", 7)] {
            assert_eq!(number_or_text(text), Value::from(number), "{text}");
        }
        for text in ["1.5", "1.50", "15e-1"] {
            assert_eq!(number_or_text(text), Value::from(1.5), "{text}");
        }
        for text in ["", "five", "1,000", "99999999999999999999", "NaN", "null", "true", "[1]", "\"1\""] {
            assert_eq!(number_or_text(text), Value::from(text), "{text}");
        }
    }

    #[test]
    fn a_whole_number_is_digits_within_its_range() {
        assert_eq!(whole_number("0", 0..=30), Some(0));
        assert_eq!(whole_number("30", 0..=30), Some(30));
        for refused in ["", "31", "-1", "+1", "1.5", " 1", "1e1", "１", "99999999999999999999"] {
            assert_eq!(whole_number(refused, 0..=30), None, "{refused}");
        }
    }
}
