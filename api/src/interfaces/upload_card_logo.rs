//! Uploads a card's logo, which came along or is at an address.

use wxgate_wechat::Purpose;

use crate::file::{FILE_SHA256_PARAM, MEDIA, media_param, signed_file, upload, upload_from};
use crate::interface::shape::WECHAT;
use crate::interface::{Answers, Group, Interface, Param, ParamKind};
use crate::once::{Doubt, Work, once};
use crate::refusal::said;
use crate::uri::with_scheme;
use crate::{Call, Refusal};

const URL: &str = "url";

/// WeChat's 1 MB, read as 1 MiB.
const LIMIT: usize = 1 << 20;

/// The declaration. Uploaded twice, there is one picture more that nobody has the address of.
pub(super) const INTERFACE: Interface = Interface {
    name: "upload_card_logo",
    title_zh: "上传卡券logo",
    title_en: "Upload a card's logo",
    group: Group::Cards,
    params: &[
        Param::optional(
            URL,
            ParamKind::Url,
            "logo图片地址（不上传文件时必填），JPG或PNG，不超过1MB",
            "Where the logo is, unless it comes along; JPG or PNG of at most 1 MB",
        ),
        FILE_SHA256_PARAM.or_absent(),
        media_param(LIMIT).or_absent(),
    ],
    answers: Answers::with(WECHAT),
    effect: true,
    secret: false,
    run: |call| Box::pin(once(call, Doubt::DoAgain, work(call))),
};

fn work(call: &Call<'_>) -> Result<Work, Refusal> {
    match (signed_file(call)?, call.given(URL)) {
        (Some(file), None) => Ok(upload(call, Purpose::Picture, MEDIA, file)),
        (None, Some(url)) => Ok(upload_from(call, Purpose::Picture, URL, with_scheme(url).into_owned())),
        (None, None) => Err(Refusal::Missing { name: MEDIA }),
        (Some(_), Some(_)) => {
            Err(Refusal::malformed(URL, said("不能与文件同时提供", "cannot be given together with a file")))
        }
    }
}
