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

use crate::call::{CallError, with_query};
use crate::client::WeChat;
use crate::error::WeChatError;

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

impl WeChat {
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
        let format = Rule::of(kind).admit(file)?;
        let url = with_query(&self.endpoints().media_upload, &[("type", kind.as_str())]);
        let request = |token: &Token| multipart(self.http(), &url, token, format, &file.bytes);
        let answer = self.as_app(app_id).ask(deadline, request).await?;
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
        let format = Rule::PICTURE.admit(file)?;
        let url = &self.endpoints().image_upload;
        let request = |token: &Token| multipart(self.http(), url, token, format, &file.bytes);
        let answer = self.as_app(app_id).ask(deadline, request).await?;
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
