//! `async_send_tpl`: a template message to one user.
//!
//! The payload is what WeChat's `message/template/send` takes, `client_msg_id` included, and goes out
//! byte for byte. The id makes a repeat within ten minutes harmless.
//!
//! A job whose caller asked for it waits for WeChat's receipt. Run again it has a result, and sends
//! nothing: it ends as the receipt says.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use tokio::time::Instant;
use wxgate_job::{Kind, Outcome};
use wxgate_store::model::work::ClaimedJob;
use wxgate_wechat::WeChat;

use crate::handler::Handler;
use crate::receipt;

/// The name of the interface that accepts it.
pub const KIND: Kind = Kind::named("async_send_tpl");

/// WeChat answers within a second or hangs; longer than this no lease lasts anyway.
const LIMIT: Duration = Duration::from_secs(9);

/// Sends template messages.
#[derive(Debug)]
pub struct TemplateSend {
    wechat: Arc<WeChat>,
}

impl TemplateSend {
    /// Sends through this client.
    #[must_use]
    pub fn new(wechat: Arc<WeChat>) -> Self {
        Self { wechat }
    }
}

#[async_trait]
impl Handler for TemplateSend {
    fn kind(&self) -> Kind {
        KIND
    }

    fn limit(&self) -> Duration {
        LIMIT
    }

    async fn run(&self, job: &ClaimedJob, deadline: Instant) -> Outcome {
        if let Some(result) = &job.result {
            return receipt::end(result);
        }
        let body = Bytes::copy_from_slice(job.payload.as_bytes());
        match self
            .wechat
            .send_template(&job.lane.app, body, deadline)
            .await
            .map_or_else(Into::into, Into::into)
        {
            Outcome::Done(result) if job.receipt => receipt::wait_for(&job.lane.app, job.claim.job, result),
            outcome => outcome,
        }
    }
}
