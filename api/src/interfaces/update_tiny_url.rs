//! Gives a short link a new target (section 3.18 of the document).

use std::sync::Arc;

use futures_util::FutureExt as _;

use super::generate_tiny_url::address;
use crate::interface::{Answers, Group, Interface, Param, ParamKind, Shape};
use crate::once::{Doubt, Work, once};
use crate::{Answer, Call, Refusal, uri};

const URL_VAL: &str = "url_val";
const URL: &str = "url";

/// The declaration.
pub(super) const INTERFACE: Interface = Interface {
    name: "update_tiny_url",
    title_zh: "更新短链接",
    title_en: "Give a short link a new target",
    group: Group::Links,
    params: &[
        Param::required(
            URL_VAL,
            ParamKind::Text,
            "待更新的短链接url的参数值（/tu/之后的32位），也可为完整短链接",
            "The link: the 32 digits behind /tu/, or the whole of it",
        )
        .as_answered_by("generate_tiny_url", ""),
        Param::required(URL, ParamKind::Url, "用于生成新的短链接的url", "Where the link leads from now on")
            .such_as("https://shop.example/moved"),
    ],
    answers: Answers::with(Shape::Text),
    effect: true,
    secret: false,
    run: |call| Box::pin(once(call, Doubt::DoAgain, work(call))),
};

fn work(call: &Call<'_>) -> Result<Work, Refusal> {
    let id = digits(call.required(URL_VAL)).to_owned();
    let target = uri::web(URL, call.required(URL))?.to_owned();
    let answer = Answer::of(&address(call, &id))?;
    let (store, client) = (Arc::clone(&call.gateway.store), call.client.code.clone());
    let work = async move {
        let found = store.move_short_link(&client, &id, &target).await.map_err(Refusal::of_writing)?;
        if found { Ok(answer) } else { Err(Refusal::NotFound("link")) }
    };
    Ok(work.boxed())
}

/// What is behind the last slash.
fn digits(link: &str) -> &str {
    link.rsplit('/').next().unwrap_or(link)
}
