//! Keeps what a caller knows of a springboard's user (section 3.3 of the document).

use std::sync::Arc;

use futures_util::FutureExt as _;

use crate::interface::{Answers, Group, Interface, Limit, Param, ParamKind, Shape};
use crate::once::{Doubt, Work, once};
use crate::springboard::KEY;
use crate::values;
use crate::{Answer, Call, Refusal};

const USER_DATA: &str = "user_data";

/// The longest `user_data`: 64 KiB.
const LONGEST: Limit = Limit::Bytes(1 << 16);

/// The declaration.
pub(super) const INTERFACE: Interface = Interface {
    name: "set_user_data",
    title_zh: "设置用户信息",
    title_en: "Set what is known of a user",
    group: Group::Springboards,
    params: &[
        Param::required(KEY, ParamKind::Text, "跳板信息对应的key", "The springboard")
            .as_answered_by("set_drawboard_data", "/key"),
        Param::required(
            USER_DATA,
            ParamKind::Json,
            "待设置的用户信息，JSON对象，不超过64KiB",
            "What is known of the user: a JSON object, at most 64 KiB",
        )
        .at_most(LONGEST)
        .such_as(r#"{"nickname":"咖啡客","level":"gold"}"#),
    ],
    answers: Answers::with(Shape::Text),
    effect: true,
    secret: false,
    run: |call| Box::pin(once(call, Doubt::DoAgain, work(call))),
};

fn work(call: &Call<'_>) -> Result<Work, Refusal> {
    let user = values::within(USER_DATA, call.required(USER_DATA), LONGEST)?;
    let user = values::json_object(USER_DATA, user)?.to_owned();
    let (client, key) = (call.client.code.clone(), call.required(KEY).to_owned());
    let store = Arc::clone(&call.gateway.store);
    let work = async move {
        let found = store.set_user_data(&client, &key, &user).await.map_err(Refusal::of_writing)?;
        if found { Answer::of(&key) } else { Err(Refusal::NotFound(KEY)) }
    };
    Ok(work.boxed())
}
