//! Uploads a file for use in messages.

use wxgate_wechat::{MediaKind, Purpose};

use crate::file::{FILE_SHA256_PARAM, MEDIA, media_param, signed_file, upload};
use crate::interface::shape::WECHAT;
use crate::interface::{Answers, Group, Interface, Param, ParamKind};
use crate::once::{Doubt, Work, once};
use crate::refusal::said;
use crate::{Call, Refusal};

const TYPE: &str = "type";

/// The most that WeChat takes of any type: its 10 MB, read as 10 MiB.
const LIMIT: usize = 10 << 20;

/// The declaration. Uploaded twice, there is one file more that goes by itself after three days.
pub(super) const INTERFACE: Interface = Interface {
    name: "upload_media",
    title_zh: "上传临时素材",
    title_en: "Upload a file for messages",
    group: Group::Media,
    params: &[
        Param::required(
            TYPE,
            ParamKind::Choice(&["image", "voice", "video", "thumb"]),
            "媒体类型：image（10MB，JPG、PNG、GIF）、voice（2MB，AMR、MP3）、video（10MB，MP4）或thumb（64KB，JPG）",
            "image (10 MB, JPG, PNG, GIF), voice (2 MB, AMR, MP3), video (10 MB, MP4) or thumb (64 KB, JPG)",
        ).such_as("image"),
        FILE_SHA256_PARAM,
        media_param(LIMIT),
    ],
    answers: Answers::with(WECHAT),
    effect: true,
    secret: false,
    run: |call| Box::pin(once(call, Doubt::DoAgain, work(call))),
};

fn work(call: &Call<'_>) -> Result<Work, Refusal> {
    let file = signed_file(call)?.ok_or(Refusal::Missing { name: MEDIA })?;
    let kind = match call.required(TYPE) {
        "image" => MediaKind::Image,
        "voice" => MediaKind::Voice,
        "video" => MediaKind::Video,
        "thumb" => MediaKind::Thumb,
        _ => {
            return Err(Refusal::malformed(
                TYPE,
                said("须为image、voice、video或thumb", "must be image, voice, video or thumb"),
            ));
        }
    };
    Ok(upload(call, Purpose::Message(kind), MEDIA, file))
}
