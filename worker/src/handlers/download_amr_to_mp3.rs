//! `download_amr_to_mp3`: a voice message, converted to MP3 and kept.
//!
//! Where the conversion takes place elsewhere the job waits for it. Its end is told by that place, which
//! makes the job due at once; should it stay silent, the job looks for itself. A conversion that was in
//! vain is begun again, but never without one of the pauses between attempts: its end may be told again
//! within the same second.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use serde_json::json;
use tokio::time::Instant;
use wxgate_job::{Awaited, Failure, Kind, Outcome, millis};
use wxgate_media::{Conversion, ConvertError, Order, Underway};
use wxgate_store::model::work::ClaimedJob;

use crate::handler::Handler;
use crate::media::{LIMIT, Media, ended, order};

/// The name of the interface that accepts it.
pub const KIND: Kind = Kind::named("download_amr_to_mp3");

/// The pause before the first look at a conversion that nobody told the end of; each further one is
/// twice as long.
const FIRST_LOOK: Duration = Duration::from_secs(5);

/// The longest pause between two looks.
const LAST_LOOK: Duration = Duration::from_mins(2);

/// How long a conversion may take. Upyun's take seconds; after a day nothing will come any more.
const GIVEN_UP_AFTER: Duration = Duration::from_hours(24);

/// Converts voice messages.
#[derive(Debug)]
pub struct AmrToMp3 {
    media: Arc<Media>,
}

impl AmrToMp3 {
    /// From where this fetches to where this keeps, by this converter.
    #[must_use]
    pub fn new(media: Arc<Media>) -> Self {
        Self { media }
    }

    /// Goes on from where the job is.
    async fn further(&self, job: &ClaimedJob, deadline: Instant) -> Result<Outcome, Outcome> {
        let order = order(&job.payload)?;
        let Some(so_far) = job.result.as_deref().and_then(Underway::of) else {
            return self.begin(job, &order, deadline).await;
        };
        match self.seen(job, &order, &so_far.task, deadline).await {
            Err(error) if error.must_begin_again() && has_paused(job, &error) => {
                self.begin(job, &order, deadline).await
            }
            Err(error) => Err(failed(&error)),
            Ok(Conversion::Done { url }) => Ok(done(job, &url)),
            Ok(Conversion::Underway { task }) => {
                Ok(wait(job, &Underway { task, looks: so_far.looks + 1, ..so_far }))
            }
        }
    }

    /// How far the conversion is: by the news, if there is any.
    async fn seen(
        &self,
        job: &ClaimedJob,
        order: &Order,
        task: &str,
        deadline: Instant,
    ) -> Result<Conversion, ConvertError> {
        let voices = &self.media.voices;
        match &job.report {
            Some(news) => voices.told(&order.stem, task, news, deadline).await,
            None => voices.look(&order.stem, task, deadline).await,
        }
    }

    async fn begin(&self, job: &ClaimedJob, order: &Order, deadline: Instant) -> Result<Outcome, Outcome> {
        let voice = self.media.fetch(job, order, deadline).await?;
        let begun = self.media.voices.begin(&order.stem, &voice.file, voice.media, deadline).await;
        Ok(match begun.map_err(|error| failed(&error))? {
            Conversion::Done { url } => done(job, &url),
            Conversion::Underway { task } => {
                wait(job, &Underway { task, begun_at: job.claimed_at, looks: 0 })
            }
        })
    }
}

#[async_trait]
impl Handler for AmrToMp3 {
    fn kind(&self) -> Kind {
        KIND
    }

    fn limit(&self) -> Duration {
        LIMIT
    }

    fn repeatable(&self) -> bool {
        true
    }

    async fn run(&self, job: &ClaimedJob, deadline: Instant) -> Outcome {
        self.further(job, deadline).await.unwrap_or_else(|outcome| outcome)
    }
}

/// Whether the attempt before this one came to the same, so that a pause has followed.
fn has_paused(job: &ClaimedJob, error: &ConvertError) -> bool {
    job.last_failure.as_ref().is_some_and(|last| last.code == error.code())
}

fn done(job: &ClaimedJob, url: &str) -> Outcome {
    Outcome::Done(json!({ "media_id": job.subject, "file_url": url }))
}

fn wait(job: &ClaimedJob, underway: &Underway) -> Outcome {
    if job.claimed_at - underway.begun_at > millis(GIVEN_UP_AFTER) {
        return Outcome::GiveUp(Failure::new("timeout", "the conversion was not done within 24 hours"));
    }
    Outcome::Wait {
        result: underway.so_far(&job.subject),
        awaited: Awaited(format!("upyun:{}", underway.task)),
        at_most: (FIRST_LOOK * 2_u32.pow(underway.looks.min(8))).min(LAST_LOOK),
    }
}

fn failed(error: &ConvertError) -> Outcome {
    ended(error.is_permanent(), Failure::new(error.code(), error.to_string()))
}
