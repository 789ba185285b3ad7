//! Who sits at a browser.

use std::os::unix::fs::MetadataExt as _;
use std::path::Path;

use serde_json::json;
use thirtyfour::{
    Capabilities, CapabilitiesHelper as _, ChromeCapabilities, ChromiumLikeCapabilities as _,
    LoggingPrefsLogLevel,
};

use crate::sdk::SDK_HOST;

/// Points of the smallest phone in common use (iPhone SE), and pixels to a point.
const WIDTH: u32 = 375;
const HEIGHT: u32 = 667;
const PIXEL_RATIO: f64 = 2.0;

/// What a browser tells of itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Visitor {
    user_agent: &'static str,
    accept_language: &'static str,
}

impl Visitor {
    /// Uses WeChat's own browser, and reads neither of our languages.
    pub const IN_WECHAT: Self = Self {
        user_agent: "Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 (KHTML, like Gecko) \
                     Version/4.0 Chrome/126.0.0.0 Mobile Safari/537.36 XWEB/1260 MicroMessenger/8.0.50 \
                     WeChat/arm64 NetType/WIFI Language/fr",
        accept_language: "fr",
    };
    /// Uses another browser, and reads English.
    pub const ELSEWHERE: Self = Self {
        user_agent: "Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 (KHTML, like Gecko) \
                     Chrome/126.0.0.0 Mobile Safari/537.36",
        accept_language: "en-GB,en",
    };

    /// The session that is asked of the driver.
    pub(super) fn wishes(self, profile: &Path, sdk_port: u16) -> Capabilities {
        let mut wishes = ChromeCapabilities::new();
        for argument in self.arguments(profile, sdk_port) {
            wishes.add_arg(&argument).unwrap();
        }
        let metrics = json!({
            "width": WIDTH, "height": HEIGHT, "pixelRatio": PIXEL_RATIO, "mobile": true, "touch": true,
        });
        let phone = json!({ "deviceMetrics": metrics, "userAgent": self.user_agent });
        wishes.add_experimental_option("mobileEmulation", phone).unwrap();
        wishes.set_browser_log_level(LoggingPrefsLogLevel::Warning).unwrap();
        // The SDK's stand-in shows a certificate of its own making.
        wishes.accept_insecure_certs(true).unwrap();
        wishes.into()
    }

    fn arguments(self, profile: &Path, sdk_port: u16) -> Vec<String> {
        let sdk = format!("MAP {SDK_HOST} 127.0.0.1:{sdk_port}");
        let mut arguments = vec![
            "--headless=new".to_owned(),
            "--no-proxy-server".to_owned(),
            "--disable-breakpad".to_owned(),
            // Containers have little room there.
            "--disable-dev-shm-usage".to_owned(),
            format!("--accept-lang={}", self.accept_language),
            format!("--user-data-dir={}", profile.display()),
            format!("--host-resolver-rules={sdk}, MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"),
        ];
        if is_root() {
            // Chromium refuses to set up its sandbox as root.
            arguments.push("--no-sandbox".to_owned());
        }
        arguments
    }
}

fn is_root() -> bool {
    std::fs::metadata("/proc/self").unwrap().uid() == 0
}
