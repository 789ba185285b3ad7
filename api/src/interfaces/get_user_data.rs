//! Tells what is known of a springboard's user (section 3.4 of the document).

use serde_json::json;
use serde_json::value::{RawValue, to_raw_value};
use wxgate_store::model::springboard::{Purpose, Springboard};

use crate::interface::{Answers, Field, Group, Interface, Param, ParamKind, Shape};
use crate::springboard::{self, KEY};
use crate::{Answer, Call, Refusal};

/// The declaration.
pub(super) const INTERFACE: Interface = Interface {
    name: "get_user_data",
    title_zh: "获取用户信息",
    title_en: "What is known of a user",
    group: Group::Springboards,
    params: &[Param::required(KEY, ParamKind::Text, "跳板信息对应的key", "The springboard")
        .as_answered_by("set_drawboard_data_test", "/key")],
    answers: Answers::with(USER).or_pending(PENDING),
    effect: false,
    secret: false,
    run: |call| Box::pin(run(call)),
};

/// What WeChat tells of a user, or what `set_user_data` kept.
const USER: Shape = Shape::Open(&[
    Field::new("openid", Shape::Text, "用户的唯一标识", "The user's openid").if_any(),
    Field::new("nickname", Shape::Text, "用户昵称", "The user's name").if_any(),
    Field::new("headimgurl", Shape::Text, "用户头像", "The user's picture").if_any(),
    Field::new("unionid", Shape::Text, "用户在开放平台的唯一标识", "The user on WeChat's open platform")
        .if_any(),
]);
/// Before the login.
const PENDING: Shape = Shape::Object(&[Field::new(KEY, Shape::Text, "跳板信息对应的key", "The springboard")]);

async fn run(call: &Call<'_>) -> Result<Answer, Refusal> {
    let Springboard { key, purpose, user, .. } = springboard::own(call).await?;
    match (user, purpose) {
        (Some(user), _) => RawValue::from_string(user).map(Answer::verbatim).map_err(Refusal::internal),
        // Nobody logs in by a card.
        (None, Purpose::TakeCard(_) | Purpose::ShowCode(_)) => Err(Refusal::NotFound(KEY)),
        (None, Purpose::Login { .. } | Purpose::TestLogin { .. } | Purpose::Bound) => {
            let poll = to_raw_value(&json!({ KEY: key })).map_err(Refusal::internal)?;
            Err(Refusal::StillWorking { poll })
        }
    }
}
