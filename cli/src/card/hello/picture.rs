//! The QR code as a picture: fetched from WeChat, and drawn on the terminal.

use std::time::Duration;

use anyhow::{Context as _, ensure};
use qrcode::QrCode;
use qrcode::render::unicode::Dense1x2;
use wxgate_egress::upstream_client;
use wxgate_wechat::WeChat;

use crate::wechat::CONNECT;

/// For the whole picture.
const WITHIN: Duration = Duration::from_secs(15);
/// The largest that is read (bytes). WeChat's have some 30 KiB.
const LARGEST: usize = 1 << 20;

/// WeChat's picture of the QR code, as it comes.
///
/// # Errors
/// When it does not come whole.
pub(super) async fn fetch(wechat: &WeChat, ticket: &str) -> anyhow::Result<Vec<u8>> {
    let client = upstream_client(CONNECT).context("TLS cannot be set up")?;
    let request = client.get(wechat.show_qrcode_url(ticket)).timeout(WITHIN);
    let cannot = "WeChat's picture of the QR code cannot be fetched";
    let mut response = request.send().await.map_err(reqwest::Error::without_url).context(cannot)?;
    let status = response.status();
    ensure!(status.is_success(), "{cannot}: HTTP {}; the ticket may have expired", status.as_u16());
    let mut picture = Vec::new();
    while let Some(piece) = response.chunk().await.map_err(reqwest::Error::without_url).context(cannot)? {
        ensure!(picture.len() + piece.len() <= LARGEST, "{cannot}: it is larger than {LARGEST} bytes");
        picture.extend_from_slice(&piece);
    }
    Ok(picture)
}

/// The QR code in half blocks, light on dark as most terminals are.
///
/// # Errors
/// When `url` is too long for a QR code.
pub(super) fn draw(url: &str) -> anyhow::Result<String> {
    let code = QrCode::new(url).context("the address is too long for a QR code")?;
    Ok(code.render::<Dense1x2>().dark_color(Dense1x2::Light).light_color(Dense1x2::Dark).build())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use super::*;

    #[test]
    fn a_qr_code_is_square_and_stands_on_a_light_border() {
        let drawn = draw("http://weixin.qq.com/q/02mK0EE-5YeiD1La-whu4o").unwrap();
        let lines: Vec<&str> = drawn.lines().collect();
        let width = lines[0].chars().count();
        assert!(lines.iter().all(|line| line.chars().count() == width));
        assert_eq!(lines.len(), width.div_ceil(2));
        assert!(lines[0].chars().all(|half_blocks| half_blocks == '█'), "{drawn}");
        assert!(draw(&"x".repeat(8000)).is_err());
    }
}
