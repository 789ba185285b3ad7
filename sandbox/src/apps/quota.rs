//! How often an app may call: daily quotas, limits per minute, and the limit per user.

use std::collections::HashMap;

use super::{App, Limit};
use crate::clock::{Moment, day_of, minute_of};
use crate::errcode::{DAILY_QUOTA, MINUTE_QUOTA, Refusal, TOO_OFTEN_FOR_USER};

/// Ordinary tokens.
pub(crate) const TOKEN_PATH: &str = "/cgi-bin/token";
/// Stable tokens.
pub(crate) const STABLE_TOKEN_PATH: &str = "/cgi-bin/stable_token";
/// Stable tokens fetched with `force_refresh`: counted apart from their path.
pub(crate) const FORCED_REFRESH: &str = "/cgi-bin/stable_token force_refresh";
/// Uploads of temporary media.
pub(crate) const MEDIA_UPLOAD_PATH: &str = "/cgi-bin/media/upload";
/// Downloads of temporary media.
pub(crate) const MEDIA_GET_PATH: &str = "/cgi-bin/media/get";
/// Template messages.
pub(crate) const SEND_PATH: &str = "/cgi-bin/message/template/send";
/// Customer-service messages.
pub(crate) const CUSTOM_SEND_PATH: &str = "/cgi-bin/message/custom/send";
/// Parametric QR codes.
pub(crate) const QRCODE_PATH: &str = "/cgi-bin/qrcode/create";

/// WeChat's documented limits: 2,000 tokens a day; stable tokens 10,000 a minute and 500,000 a day,
/// of which 20 a day forced; 100,000 template messages, 500,000 customer-service messages, 100,000 QR
/// codes, 100,000 uploads and 200,000 downloads of media a day.
const DOCUMENTED: &[(&str, Limit)] = &[
    (TOKEN_PATH, Limit { per_day: Some(2_000), per_minute: None }),
    (STABLE_TOKEN_PATH, Limit { per_day: Some(500_000), per_minute: Some(10_000) }),
    (FORCED_REFRESH, Limit { per_day: Some(20), per_minute: None }),
    (SEND_PATH, Limit { per_day: Some(100_000), per_minute: None }),
    (CUSTOM_SEND_PATH, Limit { per_day: Some(500_000), per_minute: None }),
    (QRCODE_PATH, Limit { per_day: Some(100_000), per_minute: None }),
    (MEDIA_UPLOAD_PATH, Limit { per_day: Some(100_000), per_minute: None }),
    (MEDIA_GET_PATH, Limit { per_day: Some(200_000), per_minute: None }),
];

pub(crate) fn documented(path: &str) -> Limit {
    let row = DOCUMENTED.iter().find(|(known, _)| *known == path);
    row.map_or_else(Limit::default, |(_, limit)| *limit)
}

pub(crate) fn is_metered(path: &str) -> bool {
    DOCUMENTED.iter().any(|(known, _)| *known == path)
}

/// What one app used up in the current day and minute.
#[derive(Debug, Default)]
pub(crate) struct Meters {
    today: Window<&'static str>,
    this_minute: Window<&'static str>,
    users_this_minute: Window<String>,
}

/// Counts within one period; a new period begins at zero.
#[derive(Debug)]
struct Window<K> {
    period: i64,
    counts: HashMap<K, u32>,
}

impl<K> Default for Window<K> {
    fn default() -> Self {
        Self { period: i64::MIN, counts: HashMap::new() }
    }
}

impl<K: std::hash::Hash + Eq> Window<K> {
    /// Where this key stands in this period.
    fn count(&mut self, period: i64, key: K) -> &mut u32 {
        if self.period != period {
            self.period = period;
            self.counts.clear();
        }
        self.counts.entry(key).or_default()
    }
}

impl Meters {
    /// Counts one call, unless that is one too many.
    pub(crate) fn call(&mut self, app: &App, path: &'static str, now: Moment) -> Result<(), Refusal> {
        let limit = app.limit(path);
        let today = self.today.count(day_of(now), path);
        if is_used_up(*today, limit.per_day) {
            return Err(DAILY_QUOTA.into());
        }
        let this_minute = self.this_minute.count(minute_of(now), path);
        if is_used_up(*this_minute, limit.per_minute) {
            return Err(MINUTE_QUOTA.into());
        }
        *today += 1;
        *this_minute += 1;
        Ok(())
    }

    /// Counts one message to a user, unless that is one too many.
    pub(crate) fn message(&mut self, app: &App, user: &str, now: Moment) -> Result<(), Refusal> {
        let Some(limit) = app.per_user_per_minute else { return Ok(()) };
        let count = self.users_this_minute.count(minute_of(now), user.to_owned());
        if *count >= limit {
            return Err(TOO_OFTEN_FOR_USER.into());
        }
        *count += 1;
        Ok(())
    }
}

fn is_used_up(count: u32, limit: Option<u32>) -> bool {
    limit.is_some_and(|limit| count >= limit)
}
