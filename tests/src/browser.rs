//! A real browser: Debian's Chromium without a screen, as wide and high as a phone, driven through
//! `chromedriver`.
//!
//! It reaches this machine's own addresses and the stand-in of the JS-SDK's host, and nobody else.

mod driver;
mod visitor;

use std::path::PathBuf;

use serde_json::Value;
use tempfile::TempDir;
use thirtyfour::{By, WebDriver};

use driver::Driver;
pub use visitor::Visitor;

use crate::{Pairing, SdkHost};

/// A running browser with one window; ended when dropped.
#[derive(Debug)]
pub struct Browser {
    // In this order: once its driver is gone, a session has nobody left to say goodbye to.
    driver: Driver,
    session: WebDriver,
    album: PathBuf,
    _profile: TempDir,
}

impl Browser {
    /// Starts one with a new profile.
    pub async fn start(visitor: Visitor, sdk: &SdkHost, pairing: Pairing) -> Self {
        let (driver, profile) = (Driver::start(), tempfile::tempdir().unwrap());
        let wishes = visitor.wishes(profile.path(), sdk.port);
        let http = reqwest::Client::builder().no_proxy().build().unwrap();
        let session = WebDriver::builder(&driver.url, wishes).client(http).await.unwrap();
        Self { driver, session, album: album(pairing), _profile: profile }
    }

    /// Opens an address and waits until the page it leads to is there.
    pub async fn open(&self, url: &str) {
        self.session.goto(url).await.unwrap();
    }

    /// The address of the page that is there now.
    pub async fn url(&self) -> String {
        self.session.current_url().await.unwrap().to_string()
    }

    /// What can be read on the page.
    pub async fn text(&self) -> String {
        self.session.find(By::Tag("body")).await.unwrap().text().await.unwrap()
    }

    /// Presses what a CSS selector names; it has to be there to be seen. Waits for the page that
    /// this leads to.
    pub async fn press(&self, selector: &str) {
        self.session.find(By::Css(selector)).await.unwrap().click().await.unwrap();
    }

    /// Runs a script in the page and answers what it returns.
    pub async fn run(&self, script: &str) -> Value {
        self.session.execute(script, Vec::new()).await.unwrap().json().clone()
    }

    /// Keeps a picture of the window, for programs and for people: `target/screenshots/<pairing>/<name>.png`.
    pub async fn photograph(&self, name: &str) -> PathBuf {
        let path = self.album.join(format!("{name}.png"));
        self.session.screenshot(&path).await.unwrap();
        path
    }

    /// What the browser complained of since it was asked last: errors of scripts, what a page's
    /// policy forbids, what could not be loaded.
    pub async fn complaints(&self) -> Vec<String> {
        let entries = self.session.browser_log().await.unwrap();
        entries.into_iter().map(|entry| entry.message).collect()
    }

    /// Closes it.
    pub async fn end(self) {
        self.session.quit().await.unwrap();
        drop(self.driver);
    }
}

/// Where pictures are kept.
fn album(pairing: Pairing) -> PathBuf {
    let tests = std::env::current_exe().expect("a test has a path");
    let target = tests.ancestors().nth(3).expect("target/debug/deps/test");
    let album = target.join("screenshots").join(format!("{pairing:?}").to_lowercase());
    std::fs::create_dir_all(&album).unwrap();
    album
}
