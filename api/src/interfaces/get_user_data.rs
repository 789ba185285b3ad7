//! Tells what is known of a springboard's user (section 3.4 of the document).

use serde_json::json;
use serde_json::value::{RawValue, to_raw_value};
use wxgate_store::model::springboard::{Purpose, Springboard};

use crate::interface::{Interface, Param, ParamKind};
use crate::springboard::{self, KEY};
use crate::{Answer, Call, Refusal};

/// The declaration.
pub(super) const INTERFACE: Interface = Interface {
    name: "get_user_data",
    title_zh: "获取用户信息",
    title_en: "What is known of a user",
    params: &[Param::required(KEY, ParamKind::Text, "跳板信息对应的key", "The springboard")],
    effect: false,
    secret: false,
    run: |call| Box::pin(run(call)),
};

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
