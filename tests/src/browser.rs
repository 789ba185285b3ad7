//! A real browser: Debian's Chromium without a screen, as wide and high as a phone or a desk's window,
//! driven through `chromedriver`.
//!
//! It reaches this machine's own addresses and the stand-in of the JS-SDK's host, and nobody else.

mod desk;
mod driver;
mod phone;
mod wishes;

use std::path::PathBuf;
use std::time::Duration;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use serde_json::{Value, json};
use tempfile::TempDir;
use thirtyfour::{By, Capabilities, WebDriver};
use tokio::time::{sleep, timeout};

use driver::Driver;
pub use phone::Phone;

use crate::{Pairing, SdkHost};

/// A page of ours is there within a moment; on a busy machine it may take several.
const PATIENCE: Duration = Duration::from_secs(30);
/// How often it is looked for.
const LOOK_EVERY: Duration = Duration::from_millis(20);

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
    pub async fn start(phone: Phone, sdk: &SdkHost, pairing: Pairing) -> Self {
        let profile = tempfile::tempdir().unwrap();
        let wishes = phone.wishes(profile.path(), sdk.port);
        Self::wished(wishes, profile, pairing).await
    }

    /// Starts one on a desk, whose reader wants English.
    pub async fn at_a_desk(sdk: &SdkHost, pairing: Pairing) -> Self {
        let profile = tempfile::tempdir().unwrap();
        let wishes = desk::wishes(profile.path(), sdk.port);
        Self::wished(wishes, profile, pairing).await
    }

    async fn wished(wishes: Capabilities, profile: TempDir, pairing: Pairing) -> Self {
        let driver = Driver::start();
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

    /// What can be read on the page, without the empty lines between its paragraphs.
    pub async fn text(&self) -> String {
        let text = self.run("return document.body.innerText").await;
        let lines = text.as_str().unwrap_or_default().lines().filter(|line| !line.is_empty());
        lines.collect::<Vec<_>>().join("\n")
    }

    /// Presses what a CSS selector names, and waits for the page that this leads to. The driver alone does
    /// not: what a form is answered with may come after the click has returned.
    pub async fn follow(&self, selector: &str) {
        self.run("document.documentElement.dataset.left = 'yes'").await;
        self.press(selector).await;
        let arrived = "return document.readyState === 'complete' && !document.documentElement.dataset.left";
        let arriving = async {
            // Between two pages there is none to ask.
            while !self.session.execute(arrived, Vec::new()).await.is_ok_and(|is| is.json() == &json!(true)) {
                sleep(LOOK_EVERY).await;
            }
        };
        timeout(PATIENCE, arriving).await.expect("the press leads to another page");
    }

    /// Presses what a CSS selector names; it has to be there to be seen.
    pub async fn press(&self, selector: &str) {
        self.session.find(By::Css(selector)).await.unwrap().click().await.unwrap();
    }

    /// Types into what a CSS selector names; into a choice of files, a file's path.
    pub async fn fill(&self, selector: &str, text: &str) {
        self.session.find(By::Css(selector)).await.unwrap().send_keys(text).await.unwrap();
    }

    /// Waits until what a CSS selector names shows this text.
    pub async fn until_shown(&self, selector: &str, text: &str) {
        let wait = "const [selector, text] = arguments; return new Promise((seen) => {
            const look = () => document.querySelector(selector).innerText.includes(text) && seen();
            new MutationObserver(look).observe(document, { subtree: true, childList: true, attributes: true });
            look();
        })";
        let waited = self.session.execute(wait, vec![selector.into(), text.into()]).await;
        if let Err(error) = waited {
            panic!("'{text}' did not come in {selector}: {error}\n{}", self.text().await);
        }
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

    /// The same of the whole page, however long it is.
    pub async fn photograph_whole(&self, name: &str) {
        let root = "return [innerWidth, document.documentElement.scrollHeight]";
        let size = self.run(root).await;
        let clip = json!({ "x": 0, "y": 0, "width": size[0], "height": size[1], "scale": 1 });
        let wishes = json!({ "captureBeyondViewport": true, "clip": clip });
        let taken = self.session.cdp().send_raw("Page.captureScreenshot", wishes).await.unwrap();
        let picture = BASE64_STANDARD.decode(taken["data"].as_str().unwrap()).unwrap();
        std::fs::write(self.album.join(format!("{name}.png")), picture).unwrap();
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
