//! Whether Upyun takes the bucket, the operator and the password that the settings name.

use anyhow::Context as _;
use tokio::time::Instant;
use wxgate_settings::Settings;
use wxgate_upyun::ObjectPath;

use super::Finding;
use super::upstream::CALL;
use crate::run::media;

/// A file that need not be there: the answer that it is not is signed for, too.
const ANY: &str = "/wxgate-check";

/// Nothing, where Upyun is not used.
pub(super) async fn finding(settings: &Settings) -> Option<Finding> {
    settings.upyun.account.as_ref()?;
    Some(Finding::new("Upyun", asked(settings).await))
}

async fn asked(settings: &Settings) -> anyhow::Result<String> {
    let upyun = media::upyun(settings)?.context("Upyun is not set up")?;
    let any: ObjectPath = ANY.parse()?;
    let answer = upyun.head(&any, Instant::now() + CALL).await;
    answer.context(
        "Upyun does not take them: see to WXGATE_UPYUN_BUCKET, WXGATE_UPYUN_OPERATOR, WXGATE_UPYUN_PASSWORD and \
         this machine's clock, or to WXGATE_UPYUN_API_BASE if it cannot be reached",
    )?;
    Ok(format!("{} takes bucket, operator and password", settings.upyun.api))
}
