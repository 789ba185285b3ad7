//! Tells the address of a voice message's MP3 (section 3.23 of the document).

use std::sync::Arc;

use wxgate_job::Kind;
use wxgate_store::Store;
use wxgate_store::model::status::JobView;

use crate::interface::{Answers, Group, Interface, Param, ParamKind, Shape};
use crate::media::{self, LONGEST_MEDIA_ID, MEDIA_ID};
use crate::{Answer, Call, Refusal};

/// The declaration.
pub(super) const INTERFACE: Interface = Interface {
    name: "check_upyun_status",
    title_zh: "查询又拍云MP3转码进度",
    title_en: "The address of a voice message's MP3",
    group: Group::Media,
    params: &[Param::required(
        MEDIA_ID,
        ParamKind::Text,
        "要查看的媒体ID",
        "WeChat's media id, as given to download_amr_to_mp3",
    )
    .at_most(LONGEST_MEDIA_ID)
    .as_answered_by("upload_media", "/media_id")],
    answers: Answers::with(Shape::Text).or_pending(media::PENDING),
    effect: false,
    secret: false,
    run: |call| Box::pin(run(call)),
};

async fn run(call: &Call<'_>) -> Result<Answer, Refusal> {
    let view = latest(call).await?.ok_or(Refusal::NotFound("conversion"))?;
    media::answer(&view, media::file_url)
}

/// The caller's last request to convert it.
async fn latest(call: &Call<'_>) -> Result<Option<JobView>, Refusal> {
    let (client, media_id) = (call.client.code.clone(), media::media_id(call)?.to_owned());
    let kind = Kind::named("download_amr_to_mp3");
    let ask = |store: Arc<dyn Store>| async move { store.latest(&client, &kind, &media_id).await };
    call.gateway.ask_store(ask).await?.map_err(Refusal::of_reading)
}
