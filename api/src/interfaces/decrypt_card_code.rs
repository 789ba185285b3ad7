//! Decrypts the code that WeChat hands to pages (section 3.12 of the document).

use serde::Serialize;
use wxgate_wechat::Endpoint;

use crate::interface::shape::WECHAT;
use crate::interface::{Answers, Group, Interface, Param, ParamKind};
use crate::upstream::{body, look_up};
use crate::{Answer, Call, Refusal};

const ENCRYPT_CODE: &str = "encrypt_code";

/// The declaration.
pub(super) const INTERFACE: Interface = Interface {
    name: "decrypt_card_code",
    title_zh: "卡券code解码接口",
    title_en: "Decrypt a card's code",
    group: Group::UsersCards,
    params: &[Param::required(
        ENCRYPT_CODE,
        ParamKind::Text,
        "经过加密的Code码",
        "The code as WeChat encrypted it, URL-decoded",
    )],
    answers: Answers::with(WECHAT),
    effect: false,
    secret: false,
    run: |call| Box::pin(run(call)),
};

#[derive(Serialize)]
struct Encrypted<'a> {
    encrypt_code: &'a str,
}

async fn run(call: &Call<'_>) -> Result<Answer, Refusal> {
    let request = body(&Encrypted { encrypt_code: call.required(ENCRYPT_CODE) })?;
    look_up(call, Endpoint::DecryptCardCode, request).await
}
