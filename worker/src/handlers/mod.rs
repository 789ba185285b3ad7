//! One file for each kind of job, and their list.

use std::sync::Arc;

use wxgate_job::Kind;
use wxgate_wechat::WeChat;

use crate::handler::{Handler, Handlers};
use crate::media::Media;

pub mod download_amr_to_mp3;
pub mod download_media;
pub mod template_send;

/// The kinds of job, which are also the queues of a broker.
pub const KINDS: [Kind; 3] = [template_send::KIND, download_media::KIND, download_amr_to_mp3::KIND];

/// All handlers, over the one WeChat client.
#[must_use]
pub fn all(wechat: &Arc<WeChat>, media: &Arc<Media>) -> Handlers {
    let handlers: [Arc<dyn Handler>; 3] = [
        Arc::new(template_send::TemplateSend::new(Arc::clone(wechat))),
        Arc::new(download_media::MediaDownload::new(Arc::clone(media))),
        Arc::new(download_amr_to_mp3::AmrToMp3::new(Arc::clone(media))),
    ];
    Handlers::new(handlers.into())
}
