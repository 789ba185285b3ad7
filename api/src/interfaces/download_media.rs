//! Fetches a WeChat medium, keeps it and answers where (section 3.21 of the document).

use crate::accepting::{accept, vet_callback};
use crate::interface::{Answers, Field, Group, Interface, Job, Param, ParamKind, Shape};
use crate::media::{self, HD_VOICE, LONGEST_MEDIA_ID, MEDIA_ID, NOTIFY_URL};
use crate::{Answer, Call, Refusal, values};

/// The declaration.
pub(super) const INTERFACE: Interface = Interface {
    name: "download_media",
    title_zh: "下载微信媒体",
    title_en: "Fetch a WeChat medium",
    group: Group::Media,
    params: &[
        Param::required(MEDIA_ID, ParamKind::Text, "微信媒体ID", "WeChat's media id")
            .at_most(LONGEST_MEDIA_ID)
            .as_answered_by("upload_media", "/media_id"),
        Param::optional(
            NOTIFY_URL,
            ParamKind::Callback,
            "通知URL；传入时立即返回202，下载完成后将结果推送到该地址",
            "Where the result is posted, signed; with it the answer is 202 at once",
        ),
        Param::optional(
            HD_VOICE,
            ParamKind::Flag,
            "为1时下载JS-SDK录音的高清音频（Speex，16K）",
            "With 1 a recording made through the JS-SDK comes in its original quality (Speex, 16 kHz)",
        ),
    ],
    answers: Answers::with(MEDIUM).or_pending(media::PENDING).of_job(Job::Numbered),
    effect: true,
    secret: false,
    run: |call| Box::pin(run(call)),
};

/// The documented fields.
const MEDIUM: Shape = Shape::Object(&[
    Field::new("content_type", Shape::Text, "http内容类型", "Its media type"),
    Field::new("file_url", Shape::Text, "下载地址", "Where it is"),
    Field::new("file_type", Shape::Text, "媒体格式（扩展名）", "Its format, as file names end in it"),
    Field::new("width", Shape::Int, "宽度，非图片和视频为0", "Its width; 0 unless it has a picture"),
    Field::new("height", Shape::Int, "高度，非图片和视频为0", "Its height; 0 unless it has a picture"),
]);

async fn run(call: &Call<'_>) -> Result<Answer, Refusal> {
    let job = media::new_job(call, values::flag(call, HD_VOICE)?)?;
    let told_later = job.callback_url.is_some();
    let untimely = vet_callback(call, NOTIFY_URL, job.callback_url.as_deref()).await.err();
    let id = accept(call, job, untimely, true).await?;
    if told_later {
        return Err(media::still_working(id)?);
    }
    media::end_of(call, id).await
}
