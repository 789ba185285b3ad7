//! The steady load: signed sends, each to a user and a callback address of its own, repeated unchanged
//! at whichever intake until there is an answer, as the documents tell callers to.

use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, Result};
use tokio::task::JoinSet;
use tokio::time::{Instant, MissedTickBehavior, interval, sleep, timeout};
use wxgate_tests::{Answer, Caller, Signed, template};

use crate::ledger::{Ledger, Outcome};
use crate::site::{Site, callers, pick};
use crate::wechat::openid;

/// Longer than the gateway takes to say that an outcome is unknown.
const ANSWER_WITHIN: Duration = Duration::from_secs(30);
/// Between two tries.
const PAUSE: Duration = Duration::from_millis(700);
/// A signature holds for 300 s, so that is the end of repeating.
const SIGNATURE_HOLDS: Duration = Duration::from_secs(290);
/// One in so many is left after a 503 to its first try: it says that nothing was stored.
const LEAVES: u64 = 3;
/// One in so many is sent once more after it was accepted.
const ASKS_AGAIN: u64 = 8;

/// Everything that sends.
#[derive(Debug)]
pub struct Load {
    callers: Vec<Caller>,
    entrances: Vec<String>,
    callback_addresses: Vec<String>,
    ledger: Arc<Ledger>,
}

impl Load {
    /// The load on a site.
    #[must_use]
    pub fn new(site: &Site, ledger: &Arc<Ledger>) -> Arc<Self> {
        Arc::new(Self {
            callers: callers(),
            entrances: site.entrances(),
            callback_addresses: site.callback_addresses(),
            ledger: Arc::clone(ledger),
        })
    }

    /// Sends so many requests a second for so long, and returns when each has its end.
    ///
    /// # Errors
    /// When a caller failed: it was answered what no gateway may answer.
    pub async fn run(self: Arc<Self>, rate: u32, length: Duration) -> Result<()> {
        let mut requests = JoinSet::new();
        let mut ticks = interval(Duration::from_secs(1) / rate);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let end = Instant::now() + length;
        while Instant::now() < end {
            ticks.tick().await;
            requests.spawn(Arc::clone(&self).request(self.ledger.begin()));
            while let Some(ended) = requests.try_join_next() {
                ended.context("a caller cannot read its answer")?;
            }
        }
        while let Some(ended) = requests.join_next().await {
            ended.context("a caller cannot read its answer")?;
        }
        Ok(())
    }

    async fn request(self: Arc<Self>, number: u64) {
        let began = Instant::now();
        let (caller, request) = self.sign(number);
        for attempt in 0.. {
            if began.elapsed() > SIGNATURE_HOLDS {
                return;
            }
            let answer = self.send(number, attempt, &caller, &request).await;
            match answer {
                Some(answer) if answer.retcode == 200 => {
                    self.accepted(number, &answer, began.elapsed());
                    if number.is_multiple_of(ASKS_AGAIN) {
                        self.ask_again(number, attempt + 1, &caller, &request).await;
                    }
                    return;
                }
                Some(answer) if answer.retcode == 503 && attempt == 0 && number.is_multiple_of(LEAVES) => {
                    return self.ledger.note(number, |note| note.outcome = Outcome::LeftAfter503);
                }
                Some(answer) if !matches!(answer.retcode, 429 | 503 | 504) => {
                    let words = format!("{} {}", answer.retcode, answer.msg);
                    return self.ledger.note(number, |note| note.outcome = Outcome::Refused(words));
                }
                _ => sleep(PAUSE).await,
            }
        }
    }

    fn sign(&self, number: u64) -> (Caller, Signed) {
        let caller = pick(&self.callers, number).clone();
        let callback = format!("{}/{number}", pick(&self.callback_addresses, number / 4));
        let message = template(&openid(number));
        let signed = caller.sign("async_send_tpl", &[("tpl_data", &message), ("callback_url", &callback)]);
        (caller, signed)
    }

    /// One try, at another intake than the last.
    async fn send(&self, number: u64, attempt: u64, caller: &Caller, request: &Signed) -> Option<Answer> {
        self.ledger.note(number, |note| note.tries += 1);
        let caller = caller.at(pick::<String>(&self.entrances, number / 12 + attempt));
        timeout(ANSWER_WITHIN, caller.send(request)).await.ok()?.ok()
    }

    fn accepted(&self, number: u64, answer: &Answer, after: Duration) {
        let id = answer.data.as_i64().unwrap_or_default();
        self.ledger.note(number, |note| {
            note.outcome = Outcome::Accepted(id);
            note.ids.push(id);
            note.accepted_after.get_or_insert(after);
        });
    }

    /// Whoever repeats an accepted request is told the same id.
    async fn ask_again(&self, number: u64, attempt: u64, caller: &Caller, request: &Signed) {
        if let Some(answer) = self.send(number, attempt, caller, request).await
            && answer.retcode == 200
        {
            self.ledger.note(number, |note| note.ids.push(answer.data.as_i64().unwrap_or_default()));
        }
    }
}
