//! The codes to bring in: the first column of a CSV file.

use std::collections::HashSet;
use std::path::Path;

use anyhow::{Context as _, bail};

/// Longest code (characters), by WeChat's document.
const LONGEST: usize = 20;

/// Faulty lines told one by one.
const FAULTS_TOLD: usize = 10;

/// What a first line says that is no code.
const HEADINGS: [&str; 10] =
    ["code", "codes", "card_code", "card code", "code码", "自定义code", "卡券code", "券码", "卡号", "兑换码"];

/// What Excel puts in front of all else, to say by what columns are parted; the part is gone by then.
const SEPARATOR: &str = "sep=";

/// The codes of a file, each once.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Codes {
    /// In the order of the file.
    pub(super) all: Vec<String>,
    /// How many lines had a code that had come before.
    pub(super) repeated: usize,
}

impl Codes {
    /// Reads a file whole, before anything is sent.
    ///
    /// # Errors
    /// When it cannot be read, or holds what can be no code: names the lines.
    pub(super) fn read(file: &Path) -> anyhow::Result<Self> {
        let text = std::fs::read_to_string(file);
        let text = text.with_context(|| format!("{} cannot be read as UTF-8 text", file.display()))?;
        Self::of(&text).with_context(|| format!("nothing was sent of {}", file.display()))
    }

    fn of(text: &str) -> anyhow::Result<Self> {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let lines = (1..).zip(text.lines().map(first_column)).filter(|(_, code)| !code.is_empty());
        let mut lines = lines.peekable();
        lines.next_if(|(_, code)| code.eq_ignore_ascii_case(SEPARATOR));
        lines.next_if(|(_, code)| HEADINGS.iter().any(|heading| code.eq_ignore_ascii_case(heading)));
        let first = lines.peek().map_or(0, |(line, _)| *line);
        let (mut seen, mut all, mut faults) = (HashSet::new(), Vec::new(), Vec::new());
        let mut repeated = 0;
        for (line, code) in lines {
            match fault(code) {
                Some(fault) => faults.push(format!("line {line} {fault}")),
                None if seen.insert(code) => all.push(code.to_owned()),
                None => repeated += 1,
            }
        }
        if !faults.is_empty() {
            let told = faults[..faults.len().min(FAULTS_TOLD)].join(", ");
            let more = if faults.len() > FAULTS_TOLD { ", …" } else { "" };
            bail!("lines without a code that WeChat would take: {} ({told}{more})", faults.len());
        }
        if all.is_empty() {
            bail!("there are no codes in it");
        }
        if is_odd_one_out(&all) {
            bail!(
                "line {first} alone has no digit and looks like a heading: take it away, or put another line first if \
                 it is a code"
            );
        }
        Ok(Self { all, repeated })
    }
}

/// Whether the first has no digit, and all others have one: what is brought in cannot be taken back.
fn is_odd_one_out(codes: &[String]) -> bool {
    let has_digit = |code: &String| code.chars().any(char::is_numeric);
    let [first, others @ ..] = codes else { return false };
    !others.is_empty() && !has_digit(first) && others.iter().all(has_digit)
}

fn first_column(line: &str) -> &str {
    let column = line.split([',', ';', '\t']).next().unwrap_or_default().trim();
    let unquoted = column.strip_prefix('"').and_then(|column| column.strip_suffix('"'));
    unquoted.unwrap_or(column).trim()
}

fn fault(code: &str) -> Option<String> {
    if code.chars().count() > LONGEST {
        Some(format!("is longer than {LONGEST} characters"))
    } else if code.chars().any(|letter| letter.is_control() || letter == '"') {
        Some("has a quotation mark or a control character in it".to_owned())
    } else if is_rounded(code) {
        Some("holds a number that a spreadsheet has rounded: save that column as text".to_owned())
    } else {
        None
    }
}

/// Such as `1.23457E+11`: what spreadsheets make of long numbers, many codes alike.
fn is_rounded(code: &str) -> bool {
    let parts = code.split_once(['E', 'e']).filter(|(_, exponent)| exponent.starts_with('+'));
    parts.is_some_and(|(number, exponent)| {
        number.starts_with(|first: char| first.is_ascii_digit())
            && number.parse::<f64>().is_ok()
            && exponent.parse::<u8>().is_ok()
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use super::*;

    fn codes(text: &str) -> (Vec<String>, usize) {
        let codes = Codes::of(text).unwrap();
        (codes.all, codes.repeated)
    }

    #[test]
    fn the_first_column_is_read_without_heading_quotes_and_blank_lines() {
        let text = "\u{feff}Code,for\r\n\"0001\",a\r\n\r\n 0002 ;b\n0003\tc\n码4";
        assert_eq!(codes(text), (["0001", "0002", "0003", "码4"].map(str::to_owned).to_vec(), 0));
        for headed in ["券码\n1\n", "\n\nCode码\n1\n", "sep=,\n1\n", "sep=;\nCODE;for\n1;a\n"] {
            assert_eq!(codes(headed).0, ["1"], "{headed}");
        }
        assert_eq!(codes("1\ncode\n"), (["1", "code"].map(str::to_owned).to_vec(), 0));
    }

    #[test]
    fn a_code_that_comes_again_counts_once() {
        assert_eq!(codes("1\n2\n1\n\"1\"\n"), (["1", "2"].map(str::to_owned).to_vec(), 2));
    }

    #[test]
    fn what_can_be_no_code_is_named_by_its_line() {
        let refused = |text: &str| Codes::of(text).unwrap_err().to_string();
        let long = "码".repeat(21);
        assert_eq!(
            refused(&format!("1\n{long}\n")),
            "lines without a code that WeChat would take: 1 (line 2 is longer than 20 characters)"
        );
        assert!(Codes::of(&"码".repeat(20)).is_ok());
        assert!(refused("1\n\n2\"3\n").contains("line 3 has a quotation mark"));
        assert!(refused("code\n\n").contains("no codes"));
        for rounded in ["1.23457E+11", "1E+11", "2.5e+10"] {
            assert!(refused(&format!("1\n{rounded}\n")).contains("line 2 holds a number"), "{rounded}");
        }
        assert_eq!(codes("1E11\nE+1\nSHOPE+1\n").0.len(), 3);
        assert!(refused("\nSerial\nA1\nA2\n").contains("line 2 alone has no digit"));
        for words in ["Serial\n", "A1\nSerial\nA2\n", "Serial\nA1\nOther\n"] {
            assert!(Codes::of(words).is_ok(), "{words}");
        }
        let faulty = format!("{long}\n").repeat(11);
        assert_eq!(refused(&faulty).matches("line ").count(), 10);
        assert!(refused(&faulty).contains("take: 11 (") && refused(&faulty).ends_with(", …)"));
    }
}
