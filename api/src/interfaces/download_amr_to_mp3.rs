//! Fetches a voice message and makes an MP3 of it (section 3.22 of the document).

use wxgate_store::model::intake::NewJob;

use crate::accepting::{accept, vet_callback};
use crate::interface::{Answers, Group, Interface, Job, Param, ParamKind, Shape};
use crate::media::{self, LONGEST_MEDIA_ID, MEDIA_ID, NOTIFY_URL};
use crate::{Answer, Call, Refusal};

/// The declaration.
pub(super) const INTERFACE: Interface = Interface {
    name: "download_amr_to_mp3",
    title_zh: "微信语音AMR转MP3",
    title_en: "Make an MP3 of a voice message",
    group: Group::Media,
    params: &[
        Param::required(MEDIA_ID, ParamKind::Text, "媒体ID", "WeChat's media id of the voice message")
            .at_most(LONGEST_MEDIA_ID)
            .as_answered_by("upload_media", "/media_id"),
        Param::required(
            NOTIFY_URL,
            ParamKind::Callback,
            "通知URL",
            "Where the MP3's address is posted, signed",
        )
        .such_as("https://shop.example/mp3"),
    ],
    answers: Answers::with(Shape::Null).of_job(Job::ToldBy("check_upyun_status")),
    effect: true,
    secret: false,
    run: |call| Box::pin(run(call)),
};

/// Whoever asks for the same voice message while it is converted shares that conversion.
async fn run(call: &Call<'_>) -> Result<Answer, Refusal> {
    let job = media::new_job(call, false)?;
    let sharing = format!("{}\n{}\n{}", call.interface.name, call.client.code, job.subject);
    let untimely = vet_callback(call, NOTIFY_URL, job.callback_url.as_deref()).await.err();
    accept(call, NewJob { sharing: Some(sharing), ..job }, untimely, true).await?;
    Answer::of(&())
}
