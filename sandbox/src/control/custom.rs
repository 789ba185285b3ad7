//! Controls of customer-service messages: what arrived, and users who make contact.

use actix_web::HttpResponse;
use actix_web::web::{Bytes, Data, Query, ServiceConfig};
use serde::Deserialize;
use serde_json::json;

use super::http::{Outcome, at, control, read, shown};
use super::{Control, MessageFilter};
use crate::apps::APP_ID;
use crate::bounded::Page;
use crate::custom::{Contact, CustomMessage};
use crate::refused::Refused;
use crate::state::Shared;

impl Control {
    /// The customer-service messages that reached a user, newest last.
    #[must_use]
    pub fn custom_messages(&self, filter: &MessageFilter) -> Page<CustomMessage> {
        let state = self.0.state();
        state.conversations.select(filter.limit, |message| filter.lets_custom_through(message))
    }

    /// A user makes contact with an app, which lets it answer for a while (see
    /// [`App::reply_window`](crate::App::reply_window)).
    ///
    /// # Errors
    /// [`Refused::Missing`] when there is no such app, or it has no such user.
    pub fn contact(&self, app_id: &str, openid: &str, contact: Contact) -> Result<(), Refused> {
        let state = self.0.state();
        let account = state.accounts.find(app_id).ok_or_else(|| Refused::no_app(app_id))?;
        if !account.app().knows(openid) {
            return Err(Refused::missing(format!("app {app_id} has no user '{openid}'")));
        }
        state.conversations.contact(&account.id, openid, contact, state.clock.now());
        Ok(())
    }
}

pub(super) fn routes(config: &mut ServiceConfig) {
    config.service(at("/custom/messages").get(messages)).service(at("/custom/contact").post(contact));
}

async fn messages(sandbox: Data<Shared>, filter: Query<MessageFilter>) -> HttpResponse {
    shown("messages", &control(sandbox).custom_messages(&filter))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Made {
    app: Option<String>,
    openid: String,
    #[serde(default)]
    by: Contact,
}

async fn contact(sandbox: Data<Shared>, body: Bytes) -> Outcome {
    let Made { app, openid, by } = read(&body)?;
    control(sandbox).contact(app.as_deref().unwrap_or(APP_ID), &openid, by)?;
    Ok(HttpResponse::Ok().json(json!({ "contact": openid })))
}
