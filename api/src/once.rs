//! Requests with an effect that are answered at once: each is done once, and every repeat of it is
//! answered what the first was, whichever process it reaches.
//!
//! The first gets the turn, does the work and keeps its answer in the store. The work runs in a task of
//! its own, so a caller whose connection breaks meanwhile finds the answer when it repeats. A turn that
//! nobody ended belonged to a process that died, one that was let lapse came to an end that nobody knows; what
//! follows then each interface declares as [`Doubt`].

mod kept;

use std::sync::Arc;
use std::time::Duration;

use futures_util::future::BoxFuture;
use tokio::time::{Instant, sleep, timeout_at};
use wxgate_store::Store;
use wxgate_store::model::intake::ReplayKey;
use wxgate_store::model::once::{Once, Turn};

use crate::surely::surely;
use crate::{Answer, Call, Refusal};
use kept::Kept;

/// How long a turn is held: [`WORK`], then time to keep the answer.
const HOLD: Duration = Duration::from_secs(30);
/// The longest that the work may take, from before its turn began: it never runs under a lapsed turn.
const WORK: Duration = Duration::from_secs(20);
/// How long the store is told of a turn's end: one that was started anew is back by then.
const TOLD_WITHIN: Duration = Duration::from_secs(5);
/// Between the first two looks at a request that is under way; doubled each time.
const FIRST_PAUSE: Duration = Duration::from_millis(50);
/// Between two looks at most.
const LONGEST_PAUSE: Duration = Duration::from_millis(400);

/// What an interface does once its values are read. Dropped unless it is this request's turn.
pub(crate) type Work = BoxFuture<'static, Result<Answer, Refusal>>;

/// What is known of this very request from earlier turns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Earlier {
    /// There were none, or they took no effect.
    NoEffect,
    /// It may have taken effect already.
    Unknown,
}

/// What follows when nobody knows whether a request took effect.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Doubt {
    /// A repeat does it again, since twice does no more than once.
    DoAgain,
    /// It is not done again under this authcode, since it could take effect twice.
    Leave,
}

/// Does `work` unless this request was made before, and answers what it answers or answered. Refusals
/// that leave no doubt end the turn: the same request may then be tried again.
pub(crate) async fn once(
    call: &Call<'_>,
    doubt: Doubt,
    work: Result<Work, Refusal>,
) -> Result<Answer, Refusal> {
    let work = work?;
    begin(call, doubt, |_earlier| work).await
}

/// The same for work that is done again in doubt, and then must know: it would be told a failure for what
/// it did itself.
pub(crate) async fn once_knowing(
    call: &Call<'_>,
    work: Result<impl FnOnce(Earlier) -> Work + Send + 'static, Refusal>,
) -> Result<Answer, Refusal> {
    begin(call, Doubt::DoAgain, work?).await
}

async fn begin(
    call: &Call<'_>,
    doubt: Doubt,
    work: impl FnOnce(Earlier) -> Work + Send + 'static,
) -> Result<Answer, Refusal> {
    let request = Request {
        store: Arc::clone(&call.gateway.store),
        key: call.replay_key(),
        fingerprint: call.fingerprint(),
        doubt,
    };
    call.gateway.at_home(request.answer(work, call.gateway.sync_wait)).await?
}

struct Request {
    store: Arc<dyn Store>,
    key: ReplayKey,
    fingerprint: [u8; 16],
    doubt: Doubt,
}

impl Request {
    /// Waits for another one's turn to end, for `patience` at most.
    async fn answer(self, work: impl FnOnce(Earlier) -> Work, patience: Duration) -> Result<Answer, Refusal> {
        let give_up = Instant::now() + patience;
        let mut pause = FIRST_PAUSE;
        loop {
            let began = Instant::now();
            match self.begin().await? {
                Once::Yours(turn) => {
                    return self.take(&turn, work(Earlier::NoEffect), began + WORK).await;
                }
                Once::AfterLapse(turn) => {
                    return self.take_over(&turn, work(Earlier::Unknown), began + WORK).await;
                }
                Once::Answered(kept) => return Kept::read(&kept),
                Once::AuthcodeTaken => return Err(Refusal::AuthcodeTaken),
                Once::Busy if began + pause > give_up => return Err(Refusal::UnderWay),
                Once::Busy => sleep(pause).await,
            }
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
    }

    async fn begin(&self) -> Result<Once, Refusal> {
        self.store.begin_once(&self.key, self.fingerprint, HOLD).await.map_err(Refusal::of_writing)
    }

    async fn take_over(&self, turn: &Turn, work: Work, deadline: Instant) -> Result<Answer, Refusal> {
        match self.doubt {
            Doubt::DoAgain => self.take(turn, work, deadline).await,
            Doubt::Leave => self.leave(turn, Refusal::NotRepeated(None)).await,
        }
    }

    async fn take(&self, turn: &Turn, work: Work, deadline: Instant) -> Result<Answer, Refusal> {
        let done = timeout_at(deadline, work).await;
        match done.unwrap_or_else(|elapsed| Err(Refusal::OutcomeUnknown(elapsed.into()))) {
            Ok(answer) => {
                self.keep(turn, Kept::data(&answer)).await;
                Ok(answer)
            }
            Err(doubtful) if doubtful.leaves_doubt() => self.doubt(turn, doubtful).await,
            Err(refusal) => {
                self.release(turn).await;
                Err(refusal)
            }
        }
    }

    async fn doubt(&self, turn: &Turn, doubtful: Refusal) -> Result<Answer, Refusal> {
        match self.doubt {
            Doubt::DoAgain => {
                self.lapse(turn).await;
                Err(doubtful)
            }
            Doubt::Leave => self.leave(turn, Refusal::NotRepeated(Some(doubtful.into()))).await,
        }
    }

    async fn leave(&self, turn: &Turn, refusal: Refusal) -> Result<Answer, Refusal> {
        self.keep(turn, Kept::Unknown).await;
        Err(refusal)
    }

    /// What cannot be kept is answered all the same: it is true.
    async fn keep(&self, turn: &Turn, kept: Kept) {
        let kept = kept.text();
        match surely(TOLD_WITHIN, || self.store.answer_once(turn, &kept)).await {
            Ok(true) => {}
            Ok(false) => tracing::warn!("once.turn_lapsed"),
            Err(error) => {
                tracing::error!(error = &error as &dyn std::error::Error, "once.answer_not_kept");
            }
        }
    }

    /// The next turn is told of the doubt, and need not wait for this one's hold to end.
    async fn lapse(&self, turn: &Turn) {
        if let Err(error) = surely(TOLD_WITHIN, || self.store.lapse_once(turn)).await {
            tracing::warn!(error = &error as &dyn std::error::Error, "once.turn_not_ended");
        }
    }

    async fn release(&self, turn: &Turn) {
        if let Err(error) = surely(TOLD_WITHIN, || self.store.release_once(turn)).await {
            tracing::warn!(error = &error as &dyn std::error::Error, "once.turn_not_released");
        }
    }
}
