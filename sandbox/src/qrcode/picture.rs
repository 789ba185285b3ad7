//! A QR code as a JPEG picture.

use jpeg_encoder::{ColorType, Encoder};
use qrcode::{Color, QrCode};

/// Width of a module in pixels: with its margin a scene's address gives 410, about WeChat's 430.
const SCALE: usize = 10;
/// Modules of margin around it, as the standard for QR codes asks for.
const MARGIN: usize = 4;
/// JPEG quality at which the edges stay sharp.
const QUALITY: u8 = 90;

/// The picture of a text; none when it is too long for a QR code.
pub(super) fn jpeg(text: &str) -> Option<Vec<u8>> {
    let code = QrCode::new(text).ok()?;
    let width = (code.width() + 2 * MARGIN) * SCALE;
    let side = u16::try_from(width).ok()?;
    let mut jpeg = Vec::new();
    Encoder::new(&mut jpeg, QUALITY).encode(&pixels(&code, width), side, side, ColorType::Luma).ok()?;
    Some(jpeg)
}

/// One byte a pixel, row by row.
fn pixels(code: &QrCode, width: usize) -> Vec<u8> {
    let module = |pixel: usize| (pixel / SCALE).checked_sub(MARGIN).filter(|at| *at < code.width());
    let is_dark =
        |x: usize, y: usize| module(x).zip(module(y)).is_some_and(|(x, y)| code[(x, y)] == Color::Dark);
    let all = (0..width).flat_map(|y| (0..width).map(move |x| (x, y)));
    all.map(|(x, y)| if is_dark(x, y) { 0 } else { u8::MAX }).collect()
}
