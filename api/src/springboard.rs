//! Springboards: keys under which a login, or the data of a card page, is kept for a caller.

use std::sync::Arc;

use futures_util::FutureExt as _;
use serde::Serialize;
use wxgate_store::Store;
use wxgate_store::model::springboard::{Purpose, Springboard};

use crate::interface::{Field, Shape};
use crate::once::Work;
use crate::{Answer, Call, Refusal};

/// The parameter by which callers name a springboard.
pub(crate) const KEY: &str = "key";

/// 32 hex digits that nobody guesses.
pub(crate) fn new_key() -> String {
    hex::encode(rand::random::<[u8; 16]>())
}

/// A springboard of this caller's under a new key.
pub(crate) fn new(call: &Call<'_>, purpose: Purpose) -> Springboard {
    Springboard {
        key: new_key(),
        client: call.client.code.clone(),
        app: call.app.app_id.clone(),
        purpose,
        user: None,
    }
}

/// Keeps a springboard, then answers.
pub(crate) fn keep(call: &Call<'_>, board: Springboard, answer: Answer) -> Work {
    let store = Arc::clone(&call.gateway.store);
    async move { store.put_springboard(&board).await.map(|()| answer).map_err(Refusal::of_writing) }.boxed()
}

/// The caller's own springboard of the key that it names.
pub(crate) async fn own(call: &Call<'_>) -> Result<Springboard, Refusal> {
    let key = call.required(KEY).to_owned();
    let find = |store: Arc<dyn Store>| async move { store.springboard(&key).await };
    let board = call.gateway.ask_store(find).await?.map_err(Refusal::of_reading)?;
    board.filter(|board| board.client == call.client.code).ok_or(Refusal::NotFound(KEY))
}

/// The same, and for the app that the caller has now: an app's secrets are not handed to whom it no
/// longer belongs.
pub(crate) async fn own_of_app(call: &Call<'_>) -> Result<Springboard, Refusal> {
    let board = own(call).await?;
    if board.app == call.app.app_id { Ok(board) } else { Err(Refusal::NotFound(KEY)) }
}

/// What is answered when a springboard for logins was made (the document's `SetDashBoard`).
pub(crate) const LOGIN_BOARD: Shape = Shape::Object(&[
    Field::new(
        KEY,
        Shape::Text,
        "通过这个key获取对应的跳板信息",
        "Names the springboard to the other interfaces",
    ),
    Field::new("app_id", Shape::Text, "app应用唯一标识", "The client's app"),
    Field::new(
        "component_appid",
        Shape::Text,
        "第三方授权的component_appid",
        "The app's third-party platform; empty without one",
    ),
    Field::new("redirect", Shape::Text, "重定向url", "Where to send the user"),
]);

/// As it is written.
#[derive(Serialize)]
pub(crate) struct LoginBoard<'a> {
    key: &'a str,
    app_id: &'a str,
    component_appid: &'a str,
    redirect: &'a str,
}

impl LoginBoard<'_> {
    pub(crate) fn answer(call: &Call<'_>, board: &Springboard, redirect: &str) -> Result<Answer, Refusal> {
        Answer::of(&LoginBoard {
            key: &board.key,
            app_id: &board.app,
            component_appid: call.app.component_appid.as_deref().unwrap_or_default(),
            redirect,
        })
    }
}
