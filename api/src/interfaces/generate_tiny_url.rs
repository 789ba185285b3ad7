//! Makes a short link (section 3.17 of the document).

use std::sync::Arc;

use futures_util::FutureExt as _;
use wxgate_store::model::short_link::ShortLink;

use crate::interface::example::PAGE;
use crate::interface::{Answers, Group, Interface, Param, ParamKind, Shape};
use crate::once::{Doubt, Work, once};
use crate::{Answer, Call, Refusal, springboard, uri};

const OUT_ID: &str = "out_id";
const URL: &str = "url";

/// The declaration.
pub(super) const INTERFACE: Interface = Interface {
    name: "generate_tiny_url",
    title_zh: "生成短链接",
    title_en: "Make a short link",
    group: Group::Links,
    params: &[
        Param::required(OUT_ID, ParamKind::Text, "场景ID", "The scene").such_as("1"),
        Param::required(URL, ParamKind::Url, "需要被生成短链接的Url", "Where the link leads").such_as(PAGE),
    ],
    answers: Answers::with(Shape::Text),
    effect: true,
    secret: false,
    run: |call| Box::pin(once(call, Doubt::DoAgain, work(call))),
};

fn work(call: &Call<'_>) -> Result<Work, Refusal> {
    let link = ShortLink {
        id: springboard::new_key(),
        client: call.client.code.clone(),
        out_id: call.required(OUT_ID).to_owned(),
        target: uri::web(URL, call.required(URL))?.to_owned(),
    };
    let answer = Answer::of(&address(call, &link.id))?;
    let store = Arc::clone(&call.gateway.store);
    let work = async move { store.put_short_link(&link).await.map(|()| answer).map_err(Refusal::of_writing) };
    Ok(work.boxed())
}

/// Where a short link is visited.
pub(super) fn address(call: &Call<'_>, id: &str) -> String {
    format!("{}/tu/{id}", call.gateway.public_url)
}
