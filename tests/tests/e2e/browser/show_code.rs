//! The page that shows a card's code.

use wxgate_tests::{Pairing, scan};

use super::{HOSTILE, Stage};
use crate::support::{asked, text};

/// Pairs of digits, which its bar code writes as such.
const CODE: &str = "110201201245";
/// The longest, and of signs that take most room.
const LONGEST: &str = "VIP-2026-abcdefghijk";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_scanner_reads_the_code_from_the_screen() {
    let stage = Stage::set(Pairing::Embedded).await;
    let browser = &stage.browser;
    let params = card(CODE, "返回商城", "Color010");
    let board = asked(&stage.gateway.caller, "set_wxcard_drawboard_data", &params).await;

    browser.open(text(&board, "redirect")).await;

    let picture = browser.photograph("code").await;
    assert_eq!(scan(&picture), [format!("CODE-128:{CODE}"), format!("QR-Code:{CODE}")]);
    let read = browser.text().await;
    assert_eq!(read.lines().collect::<Vec<_>>(), ["卡券码", CODE, "使用时请向店员出示", "返回商城"]);
    assert_eq!(browser.run("return document.querySelector('a').href").await, "https://shop.example/");
    stage.all_is_quiet().await;

    let params = card(LONGEST, HOSTILE, "navy");
    let board = asked(&stage.gateway.caller, "set_wxcard_drawboard_data", &params).await;
    browser.open(text(&board, "redirect")).await;
    let picture = browser.photograph("code-hostile").await;
    assert_eq!(scan(&picture), [format!("CODE-128:{LONGEST}"), format!("QR-Code:{LONGEST}")]);
    assert!(browser.text().await.ends_with(HOSTILE), "shown as it is");
    stage.all_is_quiet().await;
    stage.end().await;
}

/// A page for this code, with a button of this name, in this colour.
fn card<'a>(code: &'a str, name: &'a str, main_color: &'a str) -> [(&'a str, &'a str); 5] {
    [
        ("code", code),
        ("redirect_uri", "https://shop.example"),
        ("redirect_uri_name", name),
        ("main_color", main_color),
        ("show_btn", "true"),
    ]
}
