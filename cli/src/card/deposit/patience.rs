//! Asking WeChat until it answers, for calls that are harmless when repeated.

use std::time::Duration;

use indicatif::ProgressBar;
use wxgate_job::{Failure, Outcome};
use wxgate_wechat::WeChatError;

/// Attempts for one call. With the pauses between them they take about two minutes, or twelve when WeChat asks
/// for one each time.
const ATTEMPTS: u32 = 12;
/// After the first failed attempt; doubled each time.
const FIRST_PAUSE: Duration = Duration::from_millis(100);
/// Between two attempts at most, unless WeChat asks for more.
const LONGEST_PAUSE: Duration = Duration::from_secs(30);
/// The longest that WeChat may ask for: for more it is better to stop, and to be run again.
const MOST_ASKED_FOR: Duration = Duration::from_mins(1);
/// Pauses from which on a bar says why it stands still.
const TOLD_FROM: Duration = Duration::from_secs(1);

/// Asks until there is an answer, or no repeat can help; `bar` says when that takes a while.
///
/// # Errors
/// The last failure.
pub(super) async fn until_answered<T>(
    bar: &ProgressBar,
    mut ask: impl AsyncFnMut() -> Result<T, WeChatError>,
) -> Result<T, Failure> {
    let mut pause = FIRST_PAUSE;
    for attempt in 1.. {
        let error = match ask().await {
            Ok(answer) => return Ok(answer),
            Err(error) => error,
        };
        let plain = error.to_string();
        let least = match Outcome::from(error) {
            Outcome::Again { failure, .. } if attempt >= ATTEMPTS => {
                return Err(Failure { message: format!("{plain}, {attempt} times in a row"), ..failure });
            }
            Outcome::Again { failure, at_least, .. } if at_least > MOST_ASKED_FOR => {
                let why = if failure.errcode.is_some() { plain } else { failure.message };
                let minutes = at_least.as_secs().div_ceil(60);
                return Err(Failure::new("wechat", format!("{why}: run this again in {minutes} min")));
            }
            Outcome::Again { at_least, .. } => at_least,
            Outcome::Interrupted if attempt < ATTEMPTS => Duration::ZERO,
            Outcome::Quota(failure) | Outcome::AppAtFault(failure) | Outcome::GiveUp(failure) => {
                return Err(failure);
            }
            _ => return Err(Failure::new("wechat", plain)),
        };
        // Spread, so that batches that failed together do not come back together.
        let spread = pause.mul_f64(rand::random_range(0.5..1.0)).max(least);
        if spread >= TOLD_FROM {
            bar.set_message(format!(", waiting for WeChat ({plain})"));
        }
        tokio::time::sleep(spread).await;
        bar.set_message("");
        pause = (pause * 2).min(LONGEST_PAUSE);
    }
    Err(Failure::new("wechat", "WeChat was not asked"))
}
