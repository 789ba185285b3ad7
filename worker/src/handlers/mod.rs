//! One file for each kind of job, and their list.

use std::sync::Arc;

use wxgate_job::Kind;
use wxgate_wechat::WeChat;

use crate::handler::{Handler, Handlers};

pub mod template_send;

/// The kinds of job, which are also the queues of a broker.
pub const KINDS: [Kind; 1] = [template_send::KIND];

/// All handlers, over the one WeChat client.
#[must_use]
pub fn all(wechat: &Arc<WeChat>) -> Handlers {
    let template_send: Arc<dyn Handler> = Arc::new(template_send::TemplateSend::new(Arc::clone(wechat)));
    Handlers::new(vec![template_send])
}
