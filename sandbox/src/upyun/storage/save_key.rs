//! The placeholders of a form's `save-key`.

use std::time::{Duration, UNIX_EPOCH};

const MONTHS: [&str; 12] =
    ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/// What the placeholders stand for.
pub(super) struct Facts<'a> {
    /// Unix seconds; written in UTC.
    pub(super) second: i64,
    pub(super) md5: &'a str,
    pub(super) filename: &'a str,
    /// 32 hex digits.
    pub(super) random: &'a str,
}

/// The key with everything filled in.
pub(super) fn fill(save_key: &str, facts: &Facts<'_>) -> String {
    let at = UNIX_EPOCH + Duration::from_secs(facts.second.try_into().unwrap_or(0));
    // `Sun, 06 Nov 1994 08:49:37 GMT`: every part stands at its place.
    let date = httpdate::fmt_http_date(at);
    let month = MONTHS.iter().position(|month| *month == &date[8..11]).map_or(0, |index| index + 1);
    let (name, suffix) = facts.filename.rsplit_once('.').unwrap_or((facts.filename, ""));
    let dotted = if suffix.is_empty() { String::new() } else { format!(".{suffix}") };
    let fillings = [
        ("{year}", &date[12..16]),
        ("{mon}", &format!("{month:02}")),
        ("{day}", &date[5..7]),
        ("{hour}", &date[17..19]),
        ("{min}", &date[20..22]),
        ("{sec}", &date[23..25]),
        ("{filemd5}", facts.md5),
        ("{random}", &facts.random[..16]),
        ("{random32}", facts.random),
        ("{filename}", name),
        ("{suffix}", suffix),
        ("{.suffix}", &dotted),
    ];
    fillings.into_iter().fold(save_key.to_owned(), |key, (name, filling)| key.replace(name, filling))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn placeholders_are_filled_in_utc() {
        let facts = Facts {
            second: 784_111_777,
            md5: "900150983cd24fb0d6963f7d28e17f72",
            filename: "a.b.amr",
            random: "00112233445566778899aabbccddeeff",
        };
        let filled =
            fill("/{year}/{mon}/{day}-{hour}{min}{sec}/{filename}-{random}{.suffix}.{suffix}", &facts);
        assert_eq!(filled, "/1994/11/06-084937/a.b-0011223344556677.amr.amr");
        assert_eq!(fill("{filemd5}{random32}", &facts), format!("{}{}", facts.md5, facts.random));
    }
}
