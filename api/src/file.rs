//! What the interfaces that upload files have in common: the file itself, checked against what was
//! signed, or fetched from an address that a caller gave; and its way to WeChat.

use std::sync::Arc;

use bytes::Bytes;
use futures_util::FutureExt as _;
use sha2::{Digest as _, Sha256};
use tokio::time::Instant;
use wxgate_egress::{EgressError, GuardedClient};
use wxgate_media::{Claim, MediaType};
use wxgate_wechat::upload::Purpose;
use wxgate_wechat::{UnfitFile, UploadError, UploadFile, WeChat};

use crate::interface::{Param, ParamKind};
use crate::language::Language;
use crate::once::Work;
use crate::refusal::{Sentence, said};
use crate::upstream::{WITHIN, handed_on, refusal};
use crate::{Answer, Call, Refusal};

/// The part that holds the file.
pub(crate) const MEDIA: &str = "media";
/// Binds the file to the signature.
pub(crate) const FILE_SHA256: &str = "file_sha256";

/// The first bytes, by which the type is decided.
const START: usize = 512;

/// The declaration of a file, by the largest that WeChat takes.
pub(crate) const fn media_param(limit: usize) -> Param {
    Param::required(
        MEDIA,
        ParamKind::File { limit },
        "文件：multipart/form-data的最后一部分，名称为media，类型以内容为准",
        "The file: the last part of a multipart/form-data body, called media; its content decides its type",
    )
}

/// The declaration of its hash.
pub(crate) const FILE_SHA256_PARAM: Param = Param::required(
    FILE_SHA256,
    ParamKind::FileHash,
    "文件内容的SHA-256（十六进制），上传文件时必填",
    "The file's SHA-256 in hex; required with a file that comes along",
);

/// The file that came with the request, if it is the one that was signed.
pub(crate) fn signed_file(call: &Call<'_>) -> Result<Option<Bytes>, Refusal> {
    let Some(file) = &call.file else { return Ok(None) };
    let hash = call.given(FILE_SHA256).ok_or(Refusal::Missing { name: FILE_SHA256 })?;
    expect_hash(hash, file).map(|()| Some(file.clone()))
}

fn expect_hash(hash: &str, file: &[u8]) -> Result<(), Refusal> {
    if hash.eq_ignore_ascii_case(&hex::encode(Sha256::digest(file))) {
        return Ok(());
    }
    Err(Refusal::malformed(
        FILE_SHA256,
        said(
            "与收到的文件的SHA-256（64位十六进制）不符",
            "is not the SHA-256 (64 hex digits) of the file that came",
        ),
    ))
}

/// Uploads a file. What `name` says is what a caller is told is wrong with it.
pub(crate) fn upload(call: &Call<'_>, purpose: Purpose, name: &'static str, file: Bytes) -> Work {
    let (wechat, app) = (Arc::clone(&call.gateway.wechat), call.app.app_id.clone());
    async move { hand_over(&wechat, &app, purpose, name, file, Instant::now() + WITHIN).await }.boxed()
}

/// Uploads what is at an address, if it is the file that was signed; unless its hash was sent, any is.
pub(crate) fn upload_from(call: &Call<'_>, purpose: Purpose, name: &'static str, url: String) -> Work {
    let (wechat, app) = (Arc::clone(&call.gateway.wechat), call.app.app_id.clone());
    let (fetcher, hash) = (call.gateway.fetcher.clone(), call.given(FILE_SHA256).map(str::to_owned));
    async move {
        let deadline = Instant::now() + WITHIN;
        let file = fetch(&fetcher, name, &url, purpose.limit(), deadline).await?;
        hash.map_or(Ok(()), |hash| expect_hash(&hash, &file))?;
        hand_over(&wechat, &app, purpose, name, file, deadline).await
    }
    .boxed()
}

async fn hand_over(
    wechat: &WeChat,
    app: &str,
    purpose: Purpose,
    name: &'static str,
    bytes: Bytes,
    deadline: Instant,
) -> Result<Answer, Refusal> {
    let media = MediaType::decide(&bytes[..bytes.len().min(START)], &Claim::default());
    let file_name = format!("media.{}", media.extension);
    let file = UploadFile { name: &file_name, content_type: media.mime, bytes };
    match wechat.post_file(app, purpose, &file, deadline).await {
        Ok(answer) => handed_on(&answer),
        Err(UploadError::Unfit(unfit)) => Err(unfit_for(name, &unfit)),
        Err(UploadError::WeChat(error)) => Err(refusal(error)),
    }
}

fn unfit_for(name: &'static str, unfit: &UnfitFile) -> Refusal {
    match unfit {
        UnfitFile::Empty => Refusal::malformed(name, said("文件为空", "the file is empty")),
        UnfitFile::TooLarge { limit, .. } => Refusal::FileTooLarge { limit: *limit },
        UnfitFile::WrongType { accepted } => {
            let zh = format!("按内容判断，文件不属于：{accepted}");
            Refusal::malformed(
                name,
                said(zh, format!("by its content, the file is none of these: {accepted}")),
            )
        }
    }
}

/// What is at an address, unless it is larger than `limit`.
async fn fetch(
    fetcher: &GuardedClient,
    name: &'static str,
    url: &str,
    limit: usize,
    deadline: Instant,
) -> Result<Bytes, Refusal> {
    let unfetched = |error: EgressError| match error {
        EgressError::Refused(reason) => Refusal::malformed(name, &reason),
        other => {
            let why = Sentence::from(&other);
            let zh = format!("无法取得文件：{}", why.in_language(Language::Chinese));
            Refusal::NoEffect {
                reason: said(zh, format!("the file cannot be fetched: {why}")),
                cause: other.into(),
            }
        }
    };
    let mut download = fetcher.get(url, deadline).await.map_err(unfetched)?;
    let status = download.status();
    if !status.is_success() {
        let (zh, en) = if status.is_redirection() {
            ("：不跟随重定向，请给出最终地址", ": redirects are not followed, give the final address")
        } else {
            ("", "")
        };
        let status = status.as_u16();
        return Err(Refusal::malformed(
            name,
            said(format!("返回HTTP {status}{zh}"), format!("answers HTTP {status}{en}")),
        ));
    }
    let mut file = Vec::new();
    while let Some(piece) = download.chunk().await.map_err(unfetched)? {
        if file.len() + piece.len() > limit {
            return Err(Refusal::FileTooLarge { limit });
        }
        file.extend_from_slice(&piece);
    }
    Ok(file.into())
}
