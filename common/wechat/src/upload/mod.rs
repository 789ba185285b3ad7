//! Uploads of media. What WeChat would refuse for its size or type is refused here.

pub mod fit;

use std::fmt;

use bytes::Bytes;
use reqwest::header::{CONTENT_TYPE, HeaderMap, HeaderValue};
use reqwest::multipart::{Form, Part};
use reqwest::{Client, Request};
use tokio::time::Instant;
use url::Url;
use wxgate_token::Token;

use crate::answer::Answer;
use crate::authorised::accepted;
use crate::call::{CallError, with_query};
use crate::client::WeChat;
use crate::errcode::Family;
use crate::error::WeChatError;
use crate::passed_through::callers_own;

use fit::{Format, Rule};
pub use fit::{MediaKind, UnfitFile};

/// A file to be uploaded.
#[derive(Clone)]
pub struct UploadFile<'a> {
    /// Its name, of which only the ending counts: WeChat goes by that.
    pub name: &'a str,
    /// What it is, as its owner says.
    pub content_type: &'a str,
    /// All of it. Sent again when the token has to be renewed, without being copied.
    pub bytes: Bytes,
}

impl fmt::Debug for UploadFile<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UploadFile")
            .field("name", &self.name)
            .field("content_type", &self.content_type)
            .field("length", &self.bytes.len())
            .finish()
    }
}

/// WeChat has the file, for three days.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Uploaded {
    /// What it is called in messages.
    pub media_id: String,
    /// When WeChat took it, in Unix seconds.
    pub created_at: Option<u64>,
}

/// Why a file was not uploaded.
#[derive(Debug, thiserror::Error)]
pub enum UploadError {
    /// WeChat would not take it, and was not asked.
    #[error(transparent)]
    Unfit(#[from] UnfitFile),
    /// The call came to nothing.
    #[error(transparent)]
    WeChat(#[from] WeChatError),
}

/// What a file is uploaded for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Purpose {
    /// For messages, and kept for three days.
    Message(MediaKind),
    /// A picture for cards and articles: JPEG or PNG of at most 1 MiB. It stays at WeChat.
    Picture,
}

impl Purpose {
    fn rule(self) -> Rule {
        match self {
            Self::Message(kind) => Rule::of(kind),
            Self::Picture => Rule::PICTURE,
        }
    }

    /// The largest file that WeChat takes (bytes).
    #[must_use]
    pub fn limit(self) -> usize {
        self.rule().limit
    }
}

impl WeChat {
    /// Uploads a file, and answers what WeChat says, refusals included, as [`Self::call_json`] does.
    ///
    /// # Errors
    /// [`UploadError`].
    pub async fn post_file(
        &self,
        app_id: &str,
        purpose: Purpose,
        file: &UploadFile<'_>,
        deadline: Instant,
    ) -> Result<Answer, UploadError> {
        let format = purpose.rule().admit(file)?;
        let url = match purpose {
            Purpose::Message(kind) => with_query(&self.endpoints().media_upload, &[("type", kind.as_str())]),
            Purpose::Picture => self.endpoints().image_upload.clone(),
        };
        let request = |token: &Token| multipart(&self.http().client, &url, token, format, &file.bytes);
        let caller = self.as_app(app_id);
        Ok(callers_own(caller.family, caller.call(deadline, request).await?)?)
    }

    /// Uploads a file for use in messages.
    ///
    /// # Errors
    /// [`UploadError`].
    pub async fn upload_media(
        &self,
        app_id: &str,
        kind: MediaKind,
        file: &UploadFile<'_>,
        deadline: Instant,
    ) -> Result<Uploaded, UploadError> {
        let answer = self.post_file(app_id, Purpose::Message(kind), file, deadline).await?;
        let answer = accepted(Family::AppCall, answer)?;
        // Thumbnails come back as `thumb_media_id`, or as all others: WeChat's documents differ.
        let media_id = answer.text("media_id").or_else(|| answer.text("thumb_media_id"));
        let media_id = media_id.ok_or(WeChatError::Call(CallError::Unreadable))?.to_owned();
        Ok(Uploaded { media_id, created_at: answer.whole("created_at") })
    }

    /// Uploads a picture for use in cards and articles, and answers its URL at WeChat, where it
    /// stays.
    ///
    /// # Errors
    /// [`UploadError`].
    pub async fn upload_image(
        &self,
        app_id: &str,
        file: &UploadFile<'_>,
        deadline: Instant,
    ) -> Result<String, UploadError> {
        let answer = self.post_file(app_id, Purpose::Picture, file, deadline).await?;
        let answer = accepted(Family::AppCall, answer)?;
        Ok(answer.text("url").ok_or(WeChatError::Call(CallError::Unreadable))?.to_owned())
    }
}

/// The file as a form of one part. Its own name stays here: all that WeChat reads of one is the
/// ending, and nothing that somebody chose gets into the form's headers.
fn multipart(
    http: &Client,
    url: &Url,
    token: &Token,
    format: &Format,
    bytes: &Bytes,
) -> Result<Request, CallError> {
    let content_type = HeaderMap::from_iter([(CONTENT_TYPE, HeaderValue::from_static(format.content_type))]);
    let part =
        Part::stream(bytes.clone()).file_name(format!("media.{}", format.extension)).headers(content_type);
    http.post(with_query(url, &[("access_token", token.expose())]))
        .multipart(Form::new().part("media", part))
        .build()
        .map_err(CallError::from_transport)
}
