//! Requests that bring a file, as `multipart/form-data`: texts first, which are signed like all
//! parameters, and the file behind them. It is read once the texts are verified, so whoever cannot
//! sign has none read; and nobody has more read than is of use.

use std::time::Duration;

use actix_multipart::{Field, Multipart, MultipartError};
use actix_web::HttpRequest;
use actix_web::error::PayloadError;
use actix_web::http::header::CONTENT_TYPE;
use actix_web::web::{Bytes, BytesMut, Payload};
use futures_util::{Stream, StreamExt as _};
use tokio::time::{Instant, timeout_at};
use wxgate_signing::{Form, FormError};

use crate::file::MEDIA;
use crate::refusal::said;
use crate::room::Taken;
use crate::{Refusal, body};

/// All texts together, their names and heads included (bytes): far more than any interface with a
/// file has.
const TEXTS: usize = 64 * 1024;
/// Texts of one request.
const MOST_TEXTS: usize = 64;
/// The longest that the texts may take, as any body of parameters.
const TEXTS_WITHIN: Duration = body::OF_REQUESTS.within;
/// The longest that a body may take: 10 MiB over a slow mobile link (90 kB/s).
const WITHIN: Duration = Duration::from_mins(2);

/// Whether the request's body is multipart.
pub(crate) fn is_one(request: &HttpRequest) -> bool {
    let content_type = request.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let kind = content_type.unwrap_or_default().split(';').next().unwrap_or_default();
    kind.trim().eq_ignore_ascii_case("multipart/form-data")
}

/// A body of which the texts were read.
pub(crate) struct Parts<'r> {
    room: &'r mut Taken,
    texts: Vec<(String, String)>,
    file: Option<Field>,
    rest: Multipart,
    limit: usize,
    began: Instant,
    within: Duration,
}

/// Reads the texts, up to the file if there is one. Of the file no more than `limit` bytes will be taken.
pub(crate) async fn open<'r>(
    request: &HttpRequest,
    payload: Payload,
    limit: usize,
    room: &'r mut Taken,
) -> Result<Parts<'r>, Refusal> {
    if body::announced(request).is_some_and(|length| length > limit + TEXTS) {
        return Err(Refusal::FileTooLarge { limit });
    }
    let rest = Multipart::new(request.headers(), bounded(payload, limit + TEXTS));
    let (began, within) = (Instant::now(), TEXTS_WITHIN);
    let mut parts = Parts { room, texts: Vec::new(), file: None, rest, limit, began, within };
    let mut left = TEXTS;
    while let Some(mut field) = parts.next().await? {
        if is_file(&field)? {
            parts.file = Some(field);
            return Ok(parts);
        }
        let text = parts.text(&mut field, left).await?;
        left = left.saturating_sub(text.0.len() + text.1.len());
        parts.texts.push(text);
        if parts.texts.len() > MOST_TEXTS {
            return Err(Refusal::malformed(
                MEDIA,
                said(
                    format!("不在前{MOST_TEXTS}个部分之内"),
                    format!("is not among the first {MOST_TEXTS} parts"),
                ),
            ));
        }
    }
    Ok(parts)
}

impl Parts<'_> {
    /// The texts as parameters; none are left.
    pub(crate) fn texts(&mut self) -> Result<Form<'static>, FormError> {
        Form::of_texts(std::mem::take(&mut self.texts))
    }

    /// What is missing among the texts may stand behind the file, where it is not read.
    pub(crate) fn explained(&self, refusal: Refusal) -> Refusal {
        match refusal {
            Refusal::Missing { name } if self.file.is_some() => Refusal::MissingBeforeFile { name },
            other => other,
        }
    }

    /// The file, which must be the last part.
    pub(crate) async fn file(mut self) -> Result<Option<Bytes>, Refusal> {
        self.within = WITHIN;
        let Some(mut field) = self.file.take() else { return Ok(None) };
        let bytes = self.bytes(&mut field, self.limit).await?;
        let bytes = bytes.ok_or(Refusal::FileTooLarge { limit: self.limit })?;
        drop(field);
        match self.next().await? {
            None => Ok(Some(bytes)),
            Some(_) => Err(Refusal::malformed(
                MEDIA,
                said("须为最后一个部分，且只能有一个文件", "must be the last part, and the only file"),
            )),
        }
    }

    async fn next(&mut self) -> Result<Option<Field>, Refusal> {
        let next = timeout_at(self.began + self.within, self.rest.next()).await;
        next.map_err(|_elapsed| self.too_late())?.transpose().map_err(|error| self.unreadable(&error))
    }

    async fn text(&mut self, field: &mut Field, left: usize) -> Result<(String, String), Refusal> {
        let name = field.name().unwrap_or_default().to_owned();
        let value = self.bytes(field, left).await?.ok_or(Refusal::TooLarge { limit: TEXTS })?;
        let value = String::from_utf8(value.into()).map_err(|_| FormError::NotUtf8)?;
        Ok((name, value))
    }

    /// All of a part; `None` as soon as it is longer than `limit`. What is left of it is not read.
    async fn bytes(&mut self, field: &mut Field, limit: usize) -> Result<Option<Bytes>, Refusal> {
        let end = self.began + self.within;
        let read = async {
            let mut bytes = BytesMut::new();
            while let Some(piece) = field.next().await {
                let piece = piece.map_err(|error| self.unreadable(&error))?;
                if bytes.len() + piece.len() > limit {
                    return Ok(None);
                }
                self.room.grow(piece.len())?;
                bytes.extend_from_slice(&piece);
            }
            Ok(Some(bytes.freeze()))
        };
        let read = timeout_at(end, read).await;
        read.unwrap_or_else(|_elapsed| Err(self.too_late()))
    }

    fn too_late(&self) -> Refusal {
        Refusal::BodyBroken { within: self.within }
    }

    fn unreadable(&self, error: &MultipartError) -> Refusal {
        match error {
            MultipartError::Payload(PayloadError::Overflow) => Refusal::FileTooLarge { limit: self.limit },
            MultipartError::Payload(_) | MultipartError::Incomplete => {
                Refusal::malformed(MEDIA, said("multipart请求体不完整", "the multipart body breaks off"))
            }
            other => Refusal::malformed(
                MEDIA,
                said(
                    format!("multipart请求体无法读取（{other}）"),
                    format!("the multipart body cannot be read ({other})"),
                ),
            ),
        }
    }
}

/// The body as it comes, until it is longer than `limit`: not every byte of it is in a part.
fn bounded(payload: Payload, limit: usize) -> impl Stream<Item = Result<Bytes, PayloadError>> {
    let mut left = limit;
    payload.map(move |piece| {
        let piece = piece?;
        left = left.checked_sub(piece.len()).ok_or(PayloadError::Overflow)?;
        Ok(piece)
    })
}

/// Whatever is called as files are, or has a file's name; then it must be called so.
fn is_file(field: &Field) -> Result<bool, Refusal> {
    let disposition = field.content_disposition();
    let has_file_name = disposition.is_some_and(|disposition| {
        disposition.get_filename().is_some() || disposition.get_filename_ext().is_some()
    });
    match (field.name() == Some(MEDIA), has_file_name) {
        (false, true) => Err(Refusal::malformed(
            MEDIA,
            said("文件部分的名称须为media", "the file's part must be called media"),
        )),
        (is_media, _) => Ok(is_media),
    }
}
