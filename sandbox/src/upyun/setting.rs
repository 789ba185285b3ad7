//! What can be changed about the simulated Upyun.

use serde::{Deserialize, Serialize};

use crate::refused::Refused;

/// Most times that one notify is posted.
const MOST_ATTEMPTS: u32 = 100;
/// Longest pause between two of them, in milliseconds: an hour.
const LONGEST_PAUSE_MS: u64 = 3_600_000;

/// How the simulated Upyun behaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct UpyunSetting {
    /// How often a notify is posted that is not answered with 2xx, the first time included; 10 unless
    /// said otherwise, as Upyun once documented for another notify.
    pub notify_attempts: u32,
    /// The real time between two of them, in milliseconds; 5,000 unless said otherwise. Upyun's is
    /// not known.
    pub notify_pause_ms: u64,
    /// Whether an ffmpeg that is there is used; without one, only the voice sample is converted.
    pub ffmpeg: bool,
}

/// What is to be different; what is not named stays.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct UpyunChange {
    /// Another number of posts, 1 to 100.
    pub notify_attempts: Option<u32>,
    /// Another pause, an hour at most.
    pub notify_pause_ms: Option<u64>,
    /// Whether ffmpeg is used.
    pub ffmpeg: Option<bool>,
}

impl Default for UpyunSetting {
    fn default() -> Self {
        Self { notify_attempts: 10, notify_pause_ms: 5_000, ffmpeg: true }
    }
}

impl UpyunSetting {
    /// With a change, unless the outcome makes no sense.
    pub(crate) fn changed(self, change: UpyunChange) -> Result<Self, Refused> {
        let changed = Self {
            notify_attempts: change.notify_attempts.unwrap_or(self.notify_attempts),
            notify_pause_ms: change.notify_pause_ms.unwrap_or(self.notify_pause_ms),
            ffmpeg: change.ffmpeg.unwrap_or(self.ffmpeg),
        };
        if !(1..=MOST_ATTEMPTS).contains(&changed.notify_attempts) {
            return Err(Refused::script(format!("notify_attempts lies between 1 and {MOST_ATTEMPTS}")));
        }
        if changed.notify_pause_ms > LONGEST_PAUSE_MS {
            return Err(Refused::script("notify_pause_ms is an hour at most"));
        }
        Ok(changed)
    }
}
