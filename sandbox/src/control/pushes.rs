//! Controls of pushes: ordering them, checking an address, reading the log.

use actix_web::HttpResponse;
use actix_web::web::{Bytes, Data, Query, ServiceConfig};
use serde::Deserialize;
use serde_json::json;

use super::http::{Outcome, at, control, read, shown};
use super::{Control, PushFilter};
use crate::apps::APP_ID;
use crate::bounded::Page;
use crate::pushes::{self, Push, PushOrder, UrlCheck};
use crate::refused::Refused;
use crate::state::Shared;

impl Control {
    /// Pushes to an app's address and answers the pushes' numbers in the log. A user who makes
    /// contact thereby can be answered (see [`App::reply_window`](crate::App::reply_window)).
    ///
    /// # Errors
    /// [`Refused::Missing`] when there is no such app; [`Refused::Script`] when it has no address, or
    /// when the order makes no sense.
    pub fn push(&self, order: &PushOrder) -> Result<Vec<u64>, Refused> {
        let state = self.0.state();
        let account = state.accounts.find(&order.app).ok_or_else(|| Refused::no_app(&order.app))?;
        let app = account.app();
        let numbers = pushes::push_order(&state, &app, order)?;
        if let Some(contact) = pushes::opens_window(order) {
            let openid = order.from.as_ref().unwrap_or(&app.visitor);
            state.conversations.contact(&account.id, openid, contact, state.clock.now());
        }
        Ok(numbers)
    }

    /// Waits until a push has nothing more to come, and answers it; none when the log has forgotten
    /// it.
    pub async fn push_ended(&self, number: u64) -> Option<Push> {
        let pushes = self.0.state().pushes.clone();
        pushes.until_ended(number).await;
        pushes.find(number)
    }

    /// The pushes that were ordered or came of themselves, newest last.
    #[must_use]
    pub fn pushes(&self, filter: &PushFilter) -> Page<Push> {
        self.0.state().pushes.select(filter.limit, |push| filter.lets_through(push))
    }

    /// Asks an app's address to echo a word, as WeChat does when the address is entered.
    ///
    /// # Errors
    /// [`Refused::Missing`] when there is no such app, [`Refused::Script`] when it has no address.
    pub async fn check_push_url(&self, app_id: &str) -> Result<UrlCheck, Refused> {
        let state = self.0.state();
        let account = state.accounts.find(app_id).ok_or_else(|| Refused::no_app(app_id))?;
        let no_address = || Refused::script(format!("app {app_id} has no address for pushes: set its push"));
        let address = pushes::destination(&state, &account.app()).ok_or_else(no_address)?;
        Ok(state.pushes.check(&state, &address).await)
    }
}

pub(super) fn routes(config: &mut ServiceConfig) {
    config.service(at("/pushes").get(list).post(push)).service(at("/pushes/check").post(check));
}

async fn list(sandbox: Data<Shared>, filter: Query<PushFilter>) -> HttpResponse {
    shown("pushes", &control(sandbox).pushes(&filter))
}

/// Answers when all of them have ended.
async fn push(sandbox: Data<Shared>, body: Bytes) -> Outcome {
    let control = control(sandbox);
    let mut ended = Vec::new();
    for number in control.push(&read(&body)?)? {
        ended.extend(control.push_ended(number).await);
    }
    Ok(HttpResponse::Ok().json(json!({ "pushes": ended })))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Which {
    app: Option<String>,
}

async fn check(sandbox: Data<Shared>, body: Bytes) -> Outcome {
    let Which { app } = if body.is_empty() { Which { app: None } } else { read(&body)? };
    let told = control(sandbox).check_push_url(app.as_deref().unwrap_or(APP_ID)).await?;
    Ok(HttpResponse::Ok().json(told))
}
