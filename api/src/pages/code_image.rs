//! A card's code for scanners: QR and bar code, as paths of an SVG image.

use std::fmt::Write as _;

use barcoders::sym::code128::Code128;
use qrcode::{Color, EcLevel, QrCode};

/// Light modules around a QR code (ISO/IEC 18004 asks for four).
const QR_BORDER: usize = 4;
/// Light modules beside a bar code (ISO/IEC 15417 asks for ten).
const BAR_BORDER: usize = 10;

/// Dark modules on a light ground.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Image {
    /// Modules from left to right, borders included.
    pub(super) width: usize,
    /// Modules from top to bottom.
    pub(super) height: usize,
    /// The dark ones, as the `d` of an SVG path.
    pub(super) path: String,
}

/// A QR code; `None` for what is too long for one.
pub(super) fn qr(code: &str) -> Option<Image> {
    let qr = QrCode::with_error_correction_level(code, EcLevel::M).ok()?;
    let (modules, side) = (qr.to_colors(), qr.width());
    let dark: Vec<bool> = modules.into_iter().map(|colour| colour == Color::Dark).collect();
    let mut path = String::new();
    for (row, modules) in dark.chunks(side).enumerate() {
        draw_row(&mut path, modules, QR_BORDER, row + QR_BORDER, 1);
    }
    let side = side + 2 * QR_BORDER;
    Some(Image { width: side, height: side, path })
}

/// A bar code (Code 128); `None` for what has no place in one: anything but printable ASCII.
pub(super) fn bars(code: &str) -> Option<Image> {
    let printable = !code.is_empty() && code.bytes().all(|byte| (b' '..=b'~').contains(&byte));
    let bars = printable.then(|| Code128::new(in_character_set(code)).ok())??.encode();
    let dark: Vec<bool> = bars.into_iter().map(|module| module == 1).collect();
    let (width, height) = (dark.len() + 2 * BAR_BORDER, dark.len().div_ceil(4));
    let mut path = String::new();
    draw_row(&mut path, &dark, BAR_BORDER, 0, height);
    Some(Image { width, height, path })
}

/// The code with the sign of the character set that it is written in: pairs of digits (C) take half the
/// room of single characters (B).
fn in_character_set(code: &str) -> String {
    let pairs = code.len().is_multiple_of(2) && code.bytes().all(|byte| byte.is_ascii_digit());
    format!("{}{code}", if pairs { '\u{106}' } else { '\u{181}' })
}

/// Each run of dark modules is one rectangle.
fn draw_row(path: &mut String, modules: &[bool], left: usize, top: usize, height: usize) {
    let mut at = left;
    for run in modules.chunk_by(|one, next| one == next) {
        if run.first() == Some(&true) {
            // Writing to a text cannot fail.
            let _ = write!(path, "M{at} {top}h{width}v{height}h-{width}z", width = run.len());
        }
        at += run.len();
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use super::*;

    /// Counts dark modules from the path alone.
    fn dark(image: &Image) -> usize {
        let number = |text: &str| text.parse::<usize>().unwrap();
        let rectangles = image.path.split('z').filter(|rectangle| !rectangle.is_empty());
        let areas = rectangles.map(|rectangle| {
            let (_, size) = rectangle.split_once('h').unwrap();
            let (width, rest) = size.split_once('v').unwrap();
            number(width) * number(rest.split_once('h').unwrap().0)
        });
        areas.sum()
    }

    #[test]
    fn a_qr_code_has_its_border_and_every_dark_module() {
        let image = qr("110201201245").unwrap();
        let modules = QrCode::with_error_correction_level("110201201245", EcLevel::M).unwrap().to_colors();
        assert_eq!((image.width, image.height), (21 + 8, 21 + 8));
        assert_eq!(dark(&image), modules.iter().filter(|colour| **colour == Color::Dark).count());
        // The top edge of the pattern in the corner: seven dark modules.
        assert!(image.path.starts_with("M4 4h7v1h-7z"), "{}", image.path);
    }

    /// Code 128 has 11 modules a sign and 13 for the last: start, the signs, the check sign, stop.
    #[test]
    fn digits_take_half_the_room_in_a_bar_code() {
        assert_eq!(bars("110201201245").unwrap().width, 11 * (1 + 6 + 1) + 13 + 20);
        assert_eq!(bars("11020120124A").unwrap().width, 11 * (1 + 12 + 1) + 13 + 20);
        assert!(bars("1102").unwrap().path.starts_with("M10 0h2v"), "begins with the start sign's two bars");
    }

    #[test]
    fn what_has_no_place_in_a_bar_code_is_left_out() {
        for code in ["", "咖啡", "a\nb", "\u{106}12", "Ź"] {
            assert_eq!(bars(code), None, "{code}");
        }
        assert!(qr("咖啡").is_some());
        assert!(qr(&"x".repeat(3000)).is_none());
    }
}
