//! How often WeChat may be told to replace a stable token.

use std::collections::{HashMap, VecDeque};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

/// Forced refreshes of one app's stable token in 24 hours (WeChat's page on `stable_token`).
const A_DAY: usize = 20;
/// WeChat ignores one that comes sooner after the last (same page).
const APART: Duration = Duration::from_secs(30);
const DAY: Duration = Duration::from_hours(24);

/// Counts this process's forced refreshes by app. What several processes together ask beyond the
/// limit WeChat does not do: it hands out the current token.
#[derive(Debug, Default)]
pub(crate) struct ForceBudget(Mutex<HashMap<String, VecDeque<Instant>>>);

impl ForceBudget {
    /// Whether one more is allowed now; if so, it is counted.
    pub(crate) fn spend(&self, app_id: &str) -> bool {
        let now = Instant::now();
        let mut apps = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let spent = apps.entry(app_id.to_owned()).or_default();
        while spent.front().is_some_and(|first| now - *first >= DAY) {
            spent.pop_front();
        }
        let allowed = spent.len() < A_DAY && spent.back().is_none_or(|last| now - *last >= APART);
        if allowed {
            spent.push_back(now);
        }
        allowed
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::time::advance;

    #[tokio::test(start_paused = true)]
    async fn twenty_a_day_and_thirty_seconds_apart() {
        let budget = ForceBudget::default();
        for _ in 0..20 {
            assert!(budget.spend("wx1"));
            advance(Duration::from_secs(29)).await;
            assert!(!budget.spend("wx1"), "29 s after the last");
            advance(Duration::from_secs(1)).await;
        }

        assert!(!budget.spend("wx1"), "the 21st of the day");
        assert!(budget.spend("wx2"), "of another app");
        advance(DAY.saturating_sub(20 * APART)).await;
        assert!(budget.spend("wx1"), "a day after the first");
    }
}
