//! `download_media`: a medium of WeChat's, kept where its caller can fetch it.
//!
//! Done again it leads to the same address, since the file's name was chosen when the job was accepted.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use serde_json::{Value, json};
use tokio::time::Instant;
use wxgate_job::{Failure, Kind, Outcome};
use wxgate_media::dimensions;
use wxgate_store::model::work::ClaimedJob;

use crate::handler::Handler;
use crate::media::{LIMIT, Media, ended, order};

/// The name of the interface that accepts it.
pub const KIND: Kind = Kind::named("download_media");

/// Keeps media.
#[derive(Debug)]
pub struct MediaDownload {
    media: Arc<Media>,
}

impl MediaDownload {
    /// From where this fetches to where this keeps.
    #[must_use]
    pub fn new(media: Arc<Media>) -> Self {
        Self { media }
    }

    async fn keep(&self, job: &ClaimedJob, deadline: Instant) -> Result<Value, Outcome> {
        let order = order(&job.payload)?;
        let fetched = self.media.fetch(job, &order, deadline).await?;
        let (name, size) = (order.stem.with(fetched.media), dimensions(&fetched.file, fetched.media).await);
        let kept = self.media.store.put(&name, &fetched.file, fetched.media.mime, deadline).await;
        let url =
            kept.map_err(|error| ended(error.is_permanent(), Failure::new(error.code(), error.to_string())))?;
        Ok(json!({
            "content_type": fetched.media.mime,
            "file_url": url,
            "file_type": fetched.media.extension,
            "width": size.width,
            "height": size.height,
        }))
    }
}

#[async_trait]
impl Handler for MediaDownload {
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
        self.keep(job, deadline).await.map_or_else(|outcome| outcome, Outcome::Done)
    }
}
