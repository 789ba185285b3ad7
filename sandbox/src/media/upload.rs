//! `media/upload` and `media/uploadimg`: multipart in, an id or an address out.

use bytes::Bytes;
use serde_json::json;

use super::kind::{Format, MediaType};
use super::shelf::Content;
use crate::apps::MEDIA_UPLOAD_PATH;
use crate::endpoint::{Endpoint, Verb, app_by_token};
use crate::errcode::{
    EMPTY_MEDIA, IMAGE_SIZE, INVALID_FILE_TYPE, INVALID_MEDIA_TYPE, MEDIA_MISSING, PLAY_TIME, Refusal,
};
use crate::incoming::Incoming;
use crate::multipart::{self, Part};
use crate::reply::Reply;
use crate::session::Session;

/// A picture of `uploadimg` stays below this (documented: under 1 MB).
const PICTURE_BELOW: usize = 1 << 20;
/// Longest voice (documented), in frames of 20 ms.
const MOST_FRAMES: usize = 60 * 50;
/// Bytes of an AMR-NB frame by its type, the octet in front included (RFC 4867, section 3.6 and 5.3).
const FRAME_BYTES: [usize; 9] = [13, 14, 16, 18, 20, 21, 27, 32, 6];

/// Temporary media.
pub(super) const UPLOAD: Endpoint = Endpoint {
    path: MEDIA_UPLOAD_PATH,
    verb: Verb::Post,
    has_secrets: true,
    app_of: app_by_token,
    answer: upload,
};

/// A picture for use inside WeChat.
pub(super) const UPLOAD_IMG: Endpoint = Endpoint {
    path: "/cgi-bin/media/uploadimg",
    verb: Verb::Post,
    has_secrets: true,
    app_of: app_by_token,
    answer: upload_img,
};

fn upload(session: &Session<'_>) -> Result<Reply, Refusal> {
    let account = session.authenticate()?;
    session.meter(&account, MEDIA_UPLOAD_PATH)?;
    let kind = session.call.query("type").and_then(MediaType::parse).ok_or(INVALID_MEDIA_TYPE)?;
    let (bytes, format) = file(session.call, &["media"])?;
    let (most, too_large) = kind.limit();
    if !kind.takes(format) {
        return Err(INVALID_FILE_TYPE.into());
    }
    if bytes.len() > most {
        return Err(too_large.into());
    }
    if format == Format::Amr && amr_frames(&bytes) > MOST_FRAMES {
        return Err(PLAY_TIME.into());
    }
    let id = session.state.chance.media_id();
    let content = Content { kind, format, bytes, original: None };
    session.state.shelf.keep(&account.id, &id, content, session.now);
    // Clients read the id of a thumb under its own name; newer ones under the common one.
    let name = if kind == MediaType::Thumb { "thumb_media_id" } else { "media_id" };
    Ok(Reply::done(&json!({"type": kind.name(), name: id, "created_at": session.now / 1000})))
}

fn upload_img(session: &Session<'_>) -> Result<Reply, Refusal> {
    let account = session.authenticate()?;
    // The newer documents call the part `media`, the older one of cards `buffer`.
    let (bytes, format) = file(session.call, &["media", "buffer"])?;
    if !matches!(format, Format::Jpeg | Format::Png) {
        return Err(INVALID_FILE_TYPE.into());
    }
    if bytes.len() >= PICTURE_BELOW {
        return Err(IMAGE_SIZE.into());
    }
    let id = session.state.chance.media_id();
    let content = Content { kind: MediaType::Image, format, bytes, original: None };
    session.state.shelf.keep_picture(&account.id, &id, content, session.now);
    Ok(Reply::done(&json!({"url": format!("{}/mmbiz/{id}/0", session.call.base)})))
}

/// The uploaded file, and what both its name and its bytes say it is.
fn file(call: &Incoming, names: &[&str]) -> Result<(Bytes, Format), Refusal> {
    let parts = multipart::parts(&call.content_type, &call.body);
    let part = parts.into_iter().find(|part| names.contains(&part.name.as_str()));
    let Some(Part { filename: Some(filename), content, .. }) = part else {
        return Err(MEDIA_MISSING.into());
    };
    if content.is_empty() {
        return Err(EMPTY_MEDIA.into());
    }
    match (Format::of_name(&filename), Format::of(&content)) {
        (Some(promised), Some(real)) if promised == real => Ok((content, real)),
        _ => Err(INVALID_FILE_TYPE.into()),
    }
}

/// How many frames an AMR file has.
fn amr_frames(bytes: &[u8]) -> usize {
    let mut at = "#!AMR\n".len();
    let mut frames = 0;
    while let Some(head) = bytes.get(at) {
        // Types above are empty frames: the octet alone.
        at += FRAME_BYTES.get(usize::from(head >> 3 & 0x0f)).unwrap_or(&1);
        frames += 1;
    }
    frames
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::media::sample::VOICE_AMR;

    #[test]
    fn frames_of_every_type_are_counted() {
        assert_eq!(amr_frames(VOICE_AMR), 250);
        let mixed = [b"#!AMR\n".as_slice(), &[0x3c; 32], &[0x04; 13], &[0x7c], &[0x44; 6]].concat();
        assert_eq!(amr_frames(&mixed), 4);
    }
}
