//! Voice converted by Upyun: put into the bucket, converted there, fetched from there.

use async_trait::async_trait;
use tokio::time::Instant;
use wxgate_upyun::{Notification, ObjectPath, Progress, Task, TaskId, Upyun, UpyunError};

use crate::storage::upyun::{path, put};
use crate::voice::{Conversion, ConvertError, VoiceConverter};
use crate::{MediaType, Spooled, Stem};

/// The bucket's folder for voice and what comes of it.
const FOLDER: &str = "voice";

/// One channel at 48 kbit/s: unless told otherwise, Upyun makes two, at AMR's own rate.
const AVOPTS: &str = "/f/mp3/ac/1/ab/48";

/// Converts at Upyun, which tells when it is done, to those who can be reached.
#[derive(Clone, Debug)]
pub struct UpyunConverter {
    upyun: Upyun,
    notify_url: String,
}

impl UpyunConverter {
    /// A converter in this client's bucket. Upyun posts the end of each conversion to
    /// `notify_url`: what came is for [`wxgate_upyun::notify::verify`] and then, as it came, for
    /// [`VoiceConverter::told`].
    #[must_use]
    pub fn new(upyun: Upyun, notify_url: String) -> Self {
        Self { upyun, notify_url }
    }

    /// What became of a task.
    async fn finished(
        &self,
        stem: &Stem,
        notification: &Notification,
        deadline: Instant,
    ) -> Result<Conversion, ConvertError> {
        match (notification.status_code, notification.path.first().and_then(|path| object(path))) {
            (200, Some(made)) => Ok(Conversion::Done { url: self.upyun.public_url(&made) }),
            (200, None) => self.kept(stem, deadline).await?.ok_or(ConvertError::ResultMissing),
            (404, _) => Err(ConvertError::SourceMissing),
            (status, _) => Err(ConvertError::Failed(reason(status, &notification.description))),
        }
    }

    /// The MP3 where it was to go, if it is there.
    async fn kept(&self, stem: &Stem, deadline: Instant) -> Result<Option<Conversion>, ConvertError> {
        let mp3 = mp3(stem)?;
        let there = self.upyun.head(&mp3, deadline).await?;
        Ok(there.map(|_info| Conversion::Done { url: self.upyun.public_url(&mp3) }))
    }

    async fn submit(
        &self,
        source: ObjectPath,
        save_as: ObjectPath,
        deadline: Instant,
    ) -> Result<Conversion, ConvertError> {
        let notify_url = self.notify_url.clone();
        let task = Task { source, kind: "audio", avopts: AVOPTS, save_as, notify_url };
        Ok(Conversion::Underway { task: self.upyun.submit(&task, deadline).await?.to_string() })
    }

    /// What became of a task that is over; `None` when Upyun keeps it no longer.
    async fn result(
        &self,
        stem: &Stem,
        task: &TaskId,
        deadline: Instant,
    ) -> Result<Option<Conversion>, ConvertError> {
        let Some(result) = self.upyun.result(task, deadline).await? else { return Ok(None) };
        self.finished(stem, &result, deadline).await.map(Some)
    }
}

#[async_trait]
impl VoiceConverter for UpyunConverter {
    /// What an earlier begin has led to is not done again. Voice that is MP3 already is kept as it
    /// is.
    async fn begin(
        &self,
        stem: &Stem,
        voice: &Spooled,
        media: MediaType,
        deadline: Instant,
    ) -> Result<Conversion, ConvertError> {
        if let Some(done) = self.kept(stem, deadline).await? {
            return Ok(done);
        }
        let (source, mp3) = (path(FOLDER, &stem.with(media))?, mp3(stem)?);
        put(&self.upyun, &source, voice, media.mime, deadline).await?;
        if source == mp3 {
            return Ok(Conversion::Done { url: self.upyun.public_url(&mp3) });
        }
        self.submit(source, mp3, deadline).await
    }

    async fn look(&self, stem: &Stem, task: &str, deadline: Instant) -> Result<Conversion, ConvertError> {
        let id: TaskId = task.parse().map_err(|_| ConvertError::UnknownTask)?;
        match self.upyun.status(&id, deadline).await? {
            Progress::Unknown | Progress::Underway(_) => Ok(Conversion::Underway { task: task.to_owned() }),
            Progress::Done => self.result(stem, &id, deadline).await?.ok_or(ConvertError::ResultMissing),
            Progress::Failed => {
                let silence = || ConvertError::Failed("it gives no reason".to_owned());
                self.result(stem, &id, deadline).await?.ok_or_else(silence)
            }
        }
    }

    async fn told(
        &self,
        stem: &Stem,
        task: &str,
        news: &str,
        deadline: Instant,
    ) -> Result<Conversion, ConvertError> {
        match serde_json::from_str(news) {
            Ok(notification) => self.finished(stem, &notification, deadline).await,
            Err(_unreadable) => self.look(stem, task, deadline).await,
        }
    }
}

/// Where the MP3 is to go.
fn mp3(stem: &Stem) -> Result<ObjectPath, UpyunError> {
    path(FOLDER, &stem.with(MediaType::MP3))
}

/// A path as Upyun tells it: the slash in front is optional.
fn object(told: &str) -> Option<ObjectPath> {
    let slash = if told.starts_with('/') { "" } else { "/" };
    format!("{slash}{told}").parse().ok()
}

/// A task's status in words (Upyun's page on media processing, its older texts included), and what
/// Upyun itself says.
fn reason(status: u16, description: &str) -> String {
    let meaning = match status {
        400 | 401 | 406 => "the voice or the parameters were not taken",
        500 => "transcoding failed",
        501 => "preparing failed",
        502 => "processing failed",
        503 => "the result could not be stored",
        504 => "it took too long",
        _ => "for a reason of its own",
    };
    let words: String = description.chars().filter(|c| !c.is_control()).take(200).collect();
    if words.is_empty() { format!("{meaning} ({status})") } else { format!("{meaning} ({status}: {words})") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failure_is_told_by_its_number_its_meaning_and_upyuns_words() {
        for (status, description, told) in [
            (500, "ffmpeg error", "transcoding failed (500: ffmpeg error)"),
            (504, "", "it took too long (504)"),
            (599, "a\nb", "for a reason of its own (599: ab)"),
        ] {
            assert_eq!(reason(status, description), told);
        }
    }
}
