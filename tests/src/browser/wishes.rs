//! What is asked of the driver for every browser.

use std::os::unix::fs::MetadataExt as _;
use std::path::Path;

use thirtyfour::{
    CapabilitiesHelper as _, ChromeCapabilities, ChromiumLikeCapabilities as _, LoggingPrefsLogLevel,
};

use crate::sdk::SDK_HOST;

/// A session for somebody who reads these languages.
pub(super) fn common(accept_language: &str, profile: &Path, sdk_port: u16) -> ChromeCapabilities {
    let mut wishes = ChromeCapabilities::new();
    for argument in arguments(accept_language, profile, sdk_port) {
        wishes.add_arg(&argument).unwrap();
    }
    wishes.set_browser_log_level(LoggingPrefsLogLevel::Warning).unwrap();
    // The SDK's stand-in shows a certificate of its own making.
    wishes.accept_insecure_certs(true).unwrap();
    wishes
}

fn arguments(accept_language: &str, profile: &Path, sdk_port: u16) -> Vec<String> {
    let sdk = format!("MAP {SDK_HOST} 127.0.0.1:{sdk_port}");
    let mut arguments = vec![
        "--headless=new".to_owned(),
        "--no-proxy-server".to_owned(),
        "--disable-breakpad".to_owned(),
        // Containers have little room there.
        "--disable-dev-shm-usage".to_owned(),
        format!("--accept-lang={accept_language}"),
        format!("--user-data-dir={}", profile.display()),
        format!("--host-resolver-rules={sdk}, MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"),
    ];
    if is_root() {
        // Chromium refuses to set up its sandbox as root.
        arguments.push("--no-sandbox".to_owned());
    }
    arguments
}

fn is_root() -> bool {
    std::fs::metadata("/proc/self").unwrap().uid() == 0
}
