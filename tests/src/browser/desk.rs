//! Whoever sits at a desk.

use std::path::Path;

use thirtyfour::{Capabilities, ChromiumLikeCapabilities as _};

use super::wishes::common;

/// Points of the window, the browser's own bars included.
const SIZE: &str = "--window-size=1280,1000";

/// The session that is asked of the driver.
pub(super) fn wishes(profile: &Path, sdk_port: u16) -> Capabilities {
    let mut wishes = common("en-GB,en", profile, sdk_port);
    wishes.add_arg(SIZE).unwrap();
    wishes.into()
}
