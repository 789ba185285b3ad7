//! Whoever has a phone in the hand.

use std::path::Path;

use serde_json::json;
use thirtyfour::{Capabilities, ChromiumLikeCapabilities as _};

use super::wishes::common;

/// Points of the smallest phone in common use (iPhone SE), and pixels to a point.
const WIDTH: u32 = 375;
const HEIGHT: u32 = 667;
const PIXEL_RATIO: f64 = 2.0;

/// What a browser tells of itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Phone {
    user_agent: &'static str,
    accept_language: &'static str,
}

impl Phone {
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
        let mut wishes = common(self.accept_language, profile, sdk_port);
        let metrics = json!({
            "width": WIDTH, "height": HEIGHT, "pixelRatio": PIXEL_RATIO, "mobile": true, "touch": true,
        });
        let phone = json!({ "deviceMetrics": metrics, "userAgent": self.user_agent });
        wishes.add_experimental_option("mobileEmulation", phone).unwrap();
        wishes.into()
    }
}
