//! `media/get` and its kin: files, the address of a film, and what lies at the addresses.

use bytes::Bytes;
use serde_json::json;

use super::kind::{Format, MediaType};
use super::shelf::Content;
use crate::apps::MEDIA_GET_PATH;
use crate::endpoint::{Endpoint, Verb, app_by_token};
use crate::errcode::{INVALID_MEDIA_ID, Refusal};
use crate::reply::Reply;
use crate::session::Session;

/// Below this lie the pictures of `uploadimg`.
const PICTURES: &str = "/mmbiz/";
/// Below this lie the films that `video_url` names.
const VIDEOS: &str = "/video/";

/// Media by their id; of a film its address.
pub(super) const GET: Endpoint =
    Endpoint { path: MEDIA_GET_PATH, verb: Verb::Get, has_secrets: true, app_of: app_by_token, answer: get };

/// A recording of the JS-SDK in its original quality.
pub(super) const GET_JSSDK: Endpoint = Endpoint {
    path: "/cgi-bin/media/get/jssdk",
    verb: Verb::Get,
    has_secrets: true,
    app_of: app_by_token,
    answer: get_jssdk,
};

/// A picture at its address.
pub(super) const PICTURE: Endpoint = Endpoint {
    path: PICTURES,
    verb: Verb::Get,
    has_secrets: true,
    app_of: |_, _| None,
    answer: |call| Ok(picture(call)),
};

/// A film at its address.
pub(super) const VIDEO: Endpoint = Endpoint {
    path: VIDEOS,
    verb: Verb::Get,
    has_secrets: true,
    app_of: |_, _| None,
    answer: |call| Ok(video(call)),
};

fn get(session: &Session<'_>) -> Result<Reply, Refusal> {
    let (id, content) = find(session)?;
    if content.kind == MediaType::Video {
        let url = format!("{}{VIDEOS}{id}.mp4", session.call.base);
        return Ok(Reply::unchanged(&json!({"video_url": url})));
    }
    Ok(attached(id, content.format, content.bytes))
}

fn get_jssdk(session: &Session<'_>) -> Result<Reply, Refusal> {
    let (id, content) = find(session)?;
    let original = content.original.ok_or(INVALID_MEDIA_ID)?;
    Ok(attached(id, Format::Speex, original))
}

fn find<'a>(session: &'a Session<'_>) -> Result<(&'a str, Content), Refusal> {
    let account = session.authenticate()?;
    session.meter(&account, MEDIA_GET_PATH)?;
    let id = session.call.query("media_id").ok_or(INVALID_MEDIA_ID)?;
    let content = session.state.shelf.find(&account.id, id, session.now).ok_or(INVALID_MEDIA_ID)?;
    Ok((id, content))
}

/// A file with the headers that WeChat gives it, in its spelling.
fn attached(id: &str, format: Format, bytes: Bytes) -> Reply {
    let disposition = format!("attachment; filename=\"{id}.{}\"", format.extension());
    Reply::file(format.mime(), bytes)
        .with("Content-disposition", disposition)
        .with("Cache-Control", "no-cache, must-revalidate")
}

fn picture(session: &Session<'_>) -> Reply {
    let name = session.call.path.strip_prefix(PICTURES).unwrap_or_default();
    at_address(session, name.split('/').next().unwrap_or_default())
}

fn video(session: &Session<'_>) -> Reply {
    let name = session.call.path.strip_prefix(VIDEOS).unwrap_or_default();
    at_address(session, name.trim_end_matches(".mp4"))
}

fn at_address(session: &Session<'_>, id: &str) -> Reply {
    match session.state.shelf.at_address(id, session.now) {
        Some(content) => Reply::file(content.format.mime(), content.bytes),
        None => Reply::foreign(404, "text/plain; charset=utf-8", "There is nothing here, or no longer.\n"),
    }
}
