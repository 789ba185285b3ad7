//! The app that every sandbox begins with, so that the first call needs no preparation.

use super::{App, Template};

/// The appid of the ready-made app.
pub const APP_ID: &str = "wx5andb0x00000001";
/// Its appsecret.
pub const APP_SECRET: &str = "sandbox-app-secret";
/// Its template, which takes any fields.
pub const TEMPLATE_ID: &str = "sandbox-template";

/// The first of its subscribers.
pub(super) const FIRST_USER: &str = "oSandboxUser01";

/// With the subscribers `oSandboxUser01` to `oSandboxUser99`.
pub(super) fn app() -> App {
    let mut app = App::new(APP_ID, APP_SECRET);
    app.templates.insert(TEMPLATE_ID.to_owned(), Template::default());
    app.subscribers = (1..=99).map(|number| format!("oSandboxUser{number:02}")).collect();
    app.approves_cards = true;
    app
}
