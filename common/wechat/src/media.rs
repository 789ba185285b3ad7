//! Downloads of media, handed on as they come: nothing is kept but the piece just read.

use std::fmt;

use bytes::Bytes;
use reqwest::header::{CONTENT_DISPOSITION, CONTENT_TYPE, HeaderName};
use reqwest::{Client, Request, Response};
use tokio::time::{Instant, timeout_at};

use crate::answer::Answer;
use crate::authorised::accepted;
use crate::call::{CallError, Reply, begin, chunk, get, rest};
use crate::client::WeChat;
use crate::error::WeChatError;

/// In which quality a recording is wanted. To all other media it makes no difference.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Quality {
    /// `media/get`: recordings come as AMR, 8 kHz.
    #[default]
    Standard,
    /// `media/get/jssdk`: recordings made in a page come as WeChat's Speex, 16 kHz.
    Original,
}

/// What there is under a `media_id`.
#[derive(Debug)]
pub enum MediaAnswer {
    /// The file.
    Bytes(MediaBody),
    /// A video is somewhere else.
    Video {
        /// Where, as WeChat says: to be called like any URL that somebody else chose.
        url: String,
    },
}

/// A file on its way. How much of it is read is up to the reader.
pub struct MediaBody {
    file: File,
    deadline: Instant,
}

impl MediaBody {
    /// WeChat's word for what it is.
    #[must_use]
    pub fn content_type(&self) -> Option<&str> {
        self.header(&CONTENT_TYPE)
    }

    /// WeChat's name for it: the media id with an ending. Not fit for use as a path.
    #[must_use]
    pub fn file_name(&self) -> Option<&str> {
        self.header(&CONTENT_DISPOSITION).and_then(file_name)
    }

    /// How many bytes are announced, if any are. A body that ends sooner is an error, a longer one
    /// is cut off.
    #[must_use]
    pub fn content_length(&self) -> Option<u64> {
        self.file.response.content_length()
    }

    /// The next piece; `None` after the last.
    ///
    /// # Errors
    /// [`CallError::TimedOut`] when it does not come by the deadline of the download,
    /// [`CallError::Broken`] when the connection ends before the file does.
    pub async fn chunk(&mut self) -> Result<Option<Bytes>, CallError> {
        if let Some(first) = self.file.first.take() {
            return Ok(Some(first));
        }
        let next = timeout_at(self.deadline, chunk(&mut self.file.response)).await;
        next.unwrap_or(Err(CallError::TimedOut))
    }

    fn header(&self, name: &HeaderName) -> Option<&str> {
        self.file.response.headers().get(name)?.to_str().ok()
    }
}

// Not derived: the response knows its URL, and so the token.
impl fmt::Debug for MediaBody {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MediaBody")
            .field("content_type", &self.content_type())
            .field("content_length", &self.content_length())
            .finish_non_exhaustive()
    }
}

impl WeChat {
    /// Downloads what is under `media_id`. All of it has to be read by `deadline`.
    ///
    /// # Errors
    /// [`WeChatError`]. A download changes nothing, so no failure leaves a doubt behind.
    pub async fn download_media(
        &self,
        app_id: &str,
        media_id: &str,
        quality: Quality,
        deadline: Instant,
    ) -> Result<MediaAnswer, WeChatError> {
        let url = match quality {
            Quality::Standard => &self.endpoints().media_get,
            Quality::Original => &self.endpoints().media_get_original,
        };
        let caller = self.as_app(app_id);
        let received = caller
            .call(deadline, |token| Ok(get(url, &[("access_token", token.expose()), ("media_id", media_id)])))
            .await?;
        match received {
            Received::File(file) => Ok(MediaAnswer::Bytes(MediaBody { file, deadline })),
            Received::Json(answer) => video(&accepted(caller.family, answer)?),
        }
    }
}

fn video(answer: &Answer) -> Result<MediaAnswer, WeChatError> {
    let url = answer.text("video_url").ok_or(CallError::Unreadable)?;
    Ok(MediaAnswer::Video { url: url.to_owned() })
}

/// What came: WeChat says 200 and any content type to both.
enum Received {
    File(File),
    Json(Answer),
}

struct File {
    response: Response,
    /// Read in order to tell a file from JSON.
    first: Option<Bytes>,
}

impl Reply for Received {
    /// JSON is what begins like it and is not sent as an attachment. Neither is a page of somebody
    /// on the way to WeChat.
    async fn receive(http: &Client, request: Request) -> Result<Self, CallError> {
        let mut response = begin(http, request).await?;
        if response.headers().contains_key(CONTENT_DISPOSITION) {
            return Ok(Self::File(File { response, first: None }));
        }
        let first = chunk(&mut response).await?.unwrap_or_default();
        match first.trim_ascii_start().first() {
            Some(b'{') => {
                Answer::read(rest(first, response).await?).map(Self::Json).ok_or(CallError::Unreadable)
            }
            None | Some(b'<') => Err(CallError::Unreadable),
            Some(_) => Ok(Self::File(File { response, first: Some(first) })),
        }
    }

    fn errcode(&self) -> i64 {
        match self {
            Self::File(_) => 0,
            Self::Json(answer) => answer.errcode(),
        }
    }
}

/// The name in `attachment; filename="NAME"`.
fn file_name(disposition: &str) -> Option<&str> {
    let parameters = disposition.split(';').skip(1);
    let named = parameters.filter_map(|parameter| parameter.trim().split_once('='));
    let (_, name) = { named }.find(|(key, _)| key.trim().eq_ignore_ascii_case("filename"))?;
    Some(name.trim().trim_matches('"')).filter(|name| !name.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_name_is_read_with_quotes_and_without() {
        for (disposition, name) in [
            (r#"attachment; filename="MEDIA_ID.jpg""#, Some("MEDIA_ID.jpg")),
            ("attachment; FileName=MEDIA_ID.amr", Some("MEDIA_ID.amr")),
            (r#"attachment;filename = "a.mp4"; size=3"#, Some("a.mp4")),
            (r#"attachment; filename="""#, None),
            ("attachment", None),
        ] {
            assert_eq!(file_name(disposition), name, "{disposition}");
        }
    }
}
