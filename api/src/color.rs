//! Colours as callers write them.

mod names;

use std::fmt;

/// A colour: red, green, blue. `Display` writes it as CSS does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Color(u8, u8, u8);

impl Color {
    /// The colour of pages that have none of their own: WeChat's green.
    pub(crate) const USUAL: Self = Self(0x07, 0xc1, 0x60);
    /// Ink for light grounds.
    const BLACK: Self = Self(0, 0, 0);
    /// Ink for dark grounds.
    const WHITE: Self = Self(255, 255, 255);

    /// Reads a name, `#` and 3, 4, 6 or 8 hex digits (of which the last fourth, how much shines through,
    /// does not count), or one of WeChat's card colours (`Color010`), in either case.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        if let Some(digits) = text.strip_prefix('#') {
            return Self::of_hex(digits);
        }
        let is_it = |name: &str| name.eq_ignore_ascii_case(text);
        let (_, value) = names::CSS.iter().chain(&names::WECHAT).find(|(name, _)| is_it(name))?;
        let [_, red, green, blue] = value.to_be_bytes();
        Some(Self(red, green, blue))
    }

    fn of_hex(digits: &str) -> Option<Self> {
        let digits = match digits.len() {
            3 | 4 => digits.chars().flat_map(|digit| [digit, digit]).collect(),
            _ => digits.to_owned(),
        };
        match hex::decode(digits).ok()?[..] {
            [red, green, blue] | [red, green, blue, _] => Some(Self(red, green, blue)),
            _ => None,
        }
    }

    /// Black or white, whichever is easier to read on it: by the brightness that television reckons
    /// with (ITU-R BT.601).
    pub(crate) fn ink(self) -> Self {
        let Self(red, green, blue) = self;
        let brightness = (299 * u32::from(red) + 587 * u32::from(green) + 114 * u32::from(blue)) / 1000;
        if brightness > 160 { Self::BLACK } else { Self::WHITE }
    }
}

/// Whether a page can be given this colour: what [`Color::parse`] reads, and whatever number WeChat may
/// give a card's colour later. A page that does not know it yet is shown in the usual one.
pub(crate) fn is_color(text: &str) -> bool {
    let number = text.strip_prefix("Color").unwrap_or_default();
    let is_wechats = number.len() == 3 && number.bytes().all(|byte| byte.is_ascii_digit());
    is_wechats || Color::parse(text).is_some()
}

impl fmt::Display for Color {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(red, green, blue) = self;
        write!(f, "#{red:02x}{green:02x}{blue:02x}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn css(text: &str) -> Option<String> {
        Color::parse(text).map(|colour| colour.to_string())
    }

    #[test]
    fn names_hex_digits_and_wechats_numbers_are_colours() {
        for (text, expected) in [
            ("red", "#ff0000"),
            ("Navy", "#000080"),
            ("#07C160", "#07c160"),
            ("#0af", "#00aaff"),
            ("#0AF8", "#00aaff"),
            ("#10ad6180", "#10ad61"),
            ("RebeccaPurple", "#663399"),
            ("Color010", "#63b359"),
            ("color102", "#5e6671"),
        ] {
            assert_eq!(css(text).as_deref(), Some(expected), "{text}");
        }
    }

    #[test]
    fn a_number_that_wechat_may_add_is_taken() {
        assert!(is_color("Color010") && is_color("Color103"));
        assert!(!is_color("Color10") && !is_color("Color0x0") && !is_color("color103"));
    }

    #[test]
    fn nothing_else_is() {
        for text in [
            "",
            "#",
            "#12",
            "#12345",
            "#12345g",
            "#ää",
            "07c160",
            "Color011",
            "red;}",
            "rgb(1,2,3)",
            "var(--x)",
        ] {
            assert_eq!(css(text), None, "{text}");
            assert_eq!(is_color(text), text == "Color011", "{text}");
        }
    }

    #[test]
    fn ink_is_legible() {
        let ink = |text| Color::parse(text).map(Color::ink);
        for light in ["white", "yellow", "aqua", "#eee", "Color082"] {
            assert_eq!(ink(light), Some(Color::BLACK), "{light}");
        }
        for dark in ["black", "red", "blue", "Color102", "purple"] {
            assert_eq!(ink(dark), Some(Color::WHITE), "{dark}");
        }
    }
}
