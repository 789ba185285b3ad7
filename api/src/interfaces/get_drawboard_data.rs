//! Hands a client its springboard's app, with the secrets and tokens to act for it (section 3.2 of the
//! document).

use wxgate_store::model::springboard::Purpose;

use crate::credentials::{Credentials, Tokens};
use crate::interface::{Answers, Group, Interface, Param, ParamKind, Shape};
use crate::springboard::{self, KEY};
use crate::{Answer, Call, Refusal, credentials};

/// The declaration.
pub(super) const INTERFACE: Interface = Interface {
    name: "get_drawboard_data",
    title_zh: "获取跳板信息",
    title_en: "A springboard's app, its secrets and tokens",
    group: Group::Springboards,
    params: &[Param::required(
        KEY,
        ParamKind::Text,
        "获取相应跳板信息的key",
        "The springboard, as set_drawboard_data named it",
    )
    .as_answered_by("set_drawboard_data", "/key")],
    answers: Answers::with(Shape::Object(&credentials::FIELDS)),
    effect: false,
    secret: true,
    run: |call| Box::pin(run(call)),
};

async fn run(call: &Call<'_>) -> Result<Answer, Refusal> {
    match springboard::own_of_app(call).await?.purpose {
        Purpose::Login { .. } | Purpose::TestLogin { .. } | Purpose::Bound => {}
        Purpose::TakeCard(_) | Purpose::ShowCode(_) => return Err(Refusal::NotFound(KEY)),
    }
    let tokens = Tokens::of(call).await?;
    Answer::of(&Credentials::new(call, &tokens))
}
