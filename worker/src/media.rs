//! What the kinds of job for media have in common: where media come from, where they go, and how a
//! medium gets into a temporary file of ours.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use tokio::time::{Instant, timeout};
use wxgate_egress::{Download, EgressError, GuardedClient};
use wxgate_job::{Failure, Outcome};
use wxgate_media::{Claim, MediaStore, MediaType, Order, Spool, SpoolError, Spooled, VoiceConverter};
use wxgate_store::model::work::ClaimedJob;
use wxgate_wechat::media::{MediaAnswer, MediaBody, Quality};
use wxgate_wechat::{CallError, WeChat};

/// The longest medium that is taken (bytes): three times what WeChat itself takes (10 MB).
pub const LONGEST: u64 = 32 << 20;

/// How long one attempt may take. The longest medium comes and goes in that time at 1 Mbit/s each way.
pub(crate) const LIMIT: Duration = Duration::from_mins(10);

/// How long an answer's head may take, a token for it included. WeChat takes some tenths of a second:
/// a connection that is silent for longer is dead, and the attempt had better be made again.
const HEAD: Duration = Duration::from_secs(10);

/// The longest silence within a body.
const SILENCE: Duration = Duration::from_secs(30);

/// How many attempts a video gets whose address is refused: WeChat gives a fresh one each time.
const ADDRESSES: u32 = 5;

/// Where media come from and where they go.
#[derive(Clone)]
pub struct Media {
    /// Has the media.
    pub wechat: Arc<WeChat>,
    /// Fetches videos from where WeChat says they are.
    pub videos: GuardedClient,
    /// A folder for files on their way.
    pub tmp: PathBuf,
    /// Keeps them.
    pub store: Arc<dyn MediaStore>,
    /// Makes MP3s.
    pub voices: Arc<dyn VoiceConverter>,
}

/// A medium that is here now.
#[derive(Debug)]
pub(crate) struct Fetched {
    /// The file; deleted when it is dropped.
    pub(crate) file: Spooled,
    /// What it is.
    pub(crate) media: MediaType,
}

impl Media {
    /// Fetches what was ordered. The error is what becomes of the attempt.
    pub(crate) async fn fetch(
        &self,
        job: &ClaimedJob,
        order: &Order,
        deadline: Instant,
    ) -> Result<Fetched, Outcome> {
        let quality = if order.original { Quality::Original } else { Quality::Standard };
        let asked = self.wechat.download_media(&job.lane.app, &order.media_id, quality, deadline);
        let answer = timeout(HEAD, asked).await.unwrap_or(Err(CallError::TimedOut.into()));
        match answer.map_err(|error| harmless(error.into()))? {
            MediaAnswer::Bytes(body) => self.receive(Source::WeChat(body)).await,
            MediaAnswer::Video { url } => {
                let video = self.video(&url, job.attempt, deadline).await?;
                self.receive(Source::Elsewhere(video)).await
            }
        }
    }

    async fn video(&self, url: &str, attempt: u32, deadline: Instant) -> Result<Download, Outcome> {
        let asked = timeout(HEAD, self.videos.get(url, deadline)).await;
        let video = asked.unwrap_or(Err(EgressError::Timeout)).map_err(|error| from_elsewhere(&error))?;
        match video.status() {
            status if status.is_success() => Ok(video),
            status => Err(without_video(status.as_u16(), attempt)),
        }
    }

    async fn receive(&self, mut source: Source) -> Result<Fetched, Outcome> {
        let mut spool = Spool::create(&self.tmp, LONGEST).await.map_err(|error| spooling(&error))?;
        while let Some(piece) = source.piece().await? {
            spool.write(&piece).await.map_err(|error| spooling(&error))?;
        }
        let file = spool.finish().await.map_err(|error| spooling(&error))?;
        if file.length == 0 {
            return Err(again(Failure::new("empty", "WeChat sent an empty file")));
        }
        let media = MediaType::decide(&file.start, &source.claim());
        Ok(Fetched { file, media })
    }
}

impl fmt::Debug for Media {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Media").field("tmp", &self.tmp).finish_non_exhaustive()
    }
}

/// A medium on its way.
enum Source {
    WeChat(MediaBody),
    Elsewhere(Download),
}

impl Source {
    async fn piece(&mut self) -> Result<Option<Bytes>, Outcome> {
        match self {
            Self::WeChat(body) => {
                let piece = timeout(SILENCE, body.chunk()).await;
                piece.unwrap_or(Err(CallError::TimedOut)).map_err(|error| broken(&error))
            }
            Self::Elsewhere(download) => {
                let piece = timeout(SILENCE, download.chunk()).await;
                piece.unwrap_or(Err(EgressError::Timeout)).map_err(|error| from_elsewhere(&error))
            }
        }
    }

    fn claim(&self) -> Claim<'_> {
        match self {
            Self::WeChat(body) => Claim { content_type: body.content_type(), file_name: body.file_name() },
            Self::Elsewhere(download) => {
                Claim { content_type: download.header("content-type"), file_name: None }
            }
        }
    }
}

/// Fetching changes nothing, so whatever became of it, it may be done again.
fn harmless(outcome: Outcome) -> Outcome {
    match outcome {
        Outcome::Again { failure, at_least, .. } => Outcome::Again { failure, at_least, ambiguous: false },
        other => other,
    }
}

fn broken(error: &CallError) -> Outcome {
    again(Failure::new(error.code(), error.to_string()))
}

/// What follows from a status that brings no video.
fn without_video(status: u16, attempt: u32) -> Outcome {
    let failure = |words: &str| {
        Failure::new("http_status", format!("the video's address answered HTTP {status}{words}"))
    };
    match status {
        300..400 => Outcome::GiveUp(failure("; redirects are not followed")),
        408 | 429 | 500.. => again(failure("")),
        403 | 404 if attempt < ADDRESSES => again(failure("")),
        _ => Outcome::GiveUp(failure("")),
    }
}

fn from_elsewhere(error: &EgressError) -> Outcome {
    let failure = Failure::new("video", format!("the video cannot be fetched: {error}"));
    match error {
        EgressError::Refused(_) => Outcome::GiveUp(failure),
        _ => again(failure),
    }
}

fn spooling(error: &SpoolError) -> Outcome {
    let code = if error.is_permanent() { "too_long" } else { "disk" };
    ended(error.is_permanent(), Failure::new(code, error.to_string()))
}

/// A failure that would be the same again, or another attempt.
pub(crate) fn ended(is_permanent: bool, failure: Failure) -> Outcome {
    if is_permanent { Outcome::GiveUp(failure) } else { again(failure) }
}

pub(crate) fn again(failure: Failure) -> Outcome {
    Outcome::Again { failure, at_least: Duration::ZERO, ambiguous: false }
}

/// What was accepted, read again.
pub(crate) fn order(payload: &str) -> Result<Order, Outcome> {
    serde_json::from_str(payload).map_err(|_error| {
        Outcome::GiveUp(Failure::new("payload", "this version cannot read what was ordered"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_video_that_may_come_later_is_asked_for_again() {
        for (status, attempt, again) in [
            (302, 1, false),
            (400, 1, false),
            (403, 4, true),
            (403, 5, false),
            (404, 1, true),
            (404, 5, false),
            (408, 99, true),
            (410, 1, false),
            (429, 99, true),
            (500, 99, true),
            (503, 99, true),
        ] {
            let outcome = without_video(status, attempt);
            assert_eq!(matches!(outcome, Outcome::Again { ambiguous: false, .. }), again, "{outcome:?}");
            assert_eq!(matches!(outcome, Outcome::GiveUp(_)), !again, "{outcome:?}");
        }
    }

    #[test]
    fn a_video_behind_a_redirect_says_that_none_is_followed() {
        let outcome = without_video(302, 1);
        assert!(
            matches!(&outcome, Outcome::GiveUp(failure) if failure.message.contains("redirects are not followed")),
            "{outcome:?}"
        );
    }
}
