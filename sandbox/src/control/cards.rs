//! Controls of cards: what users and WeChat's reviewers do with them.

use actix_web::HttpResponse;
use actix_web::web::{Bytes, Data, Query, ServiceConfig};
use serde::Deserialize;
use serde_json::json;

use super::Control;
use super::http::{Outcome, at, control, read};
use crate::apps::APP_ID;
use crate::cards::{self, CardChoice, CardGiven, CardReceipt, CardShown, CardStatus, UserCardStatus};
use crate::refused::Refused;
use crate::state::Shared;

impl Control {
    /// The kinds of card, of one app when one is named.
    #[must_use]
    pub fn cards(&self, app: Option<&str>) -> Vec<CardShown> {
        self.0.state().cards.shown(app)
    }

    /// A user takes a card.
    ///
    /// # Errors
    /// [`Refused::Missing`] when there is no such app, card or user; [`Refused::Script`] when WeChat
    /// would not let him, with the reason.
    pub fn receive_card(&self, receipt: &CardReceipt) -> Result<CardGiven, Refused> {
        cards::receive(&self.0.state(), receipt)
    }

    /// A user is asked by a page to choose a card: those that he can choose from.
    ///
    /// # Errors
    /// As [`Control::receive_card`].
    pub fn choose_card(&self, choice: &CardChoice) -> Result<Vec<CardGiven>, Refused> {
        cards::choose(&self.0.state(), choice)
    }

    /// A reviewer decides about a card.
    ///
    /// # Errors
    /// [`Refused::Missing`] when the app has no such card.
    pub fn review_card(&self, app: &str, card_id: &str, status: CardStatus) -> Result<CardShown, Refused> {
        self.0.state().cards.review(app, card_id, status)
    }

    /// Each of the next `deposits` of three new codes or more goes wrong in part: the last new code is in
    /// `fail_code` although nothing is wrong with it, and the first is confirmed and not kept.
    ///
    /// # Errors
    /// [`Refused::Missing`] when the app has no such card.
    pub fn spoil_deposits(&self, app: &str, card_id: &str, deposits: u32) -> Result<(), Refused> {
        self.0.state().cards.spoil(app, card_id, deposits)
    }

    /// A user gives his copy away, deletes it, …
    ///
    /// # Errors
    /// [`Refused::Missing`] when the app has no such card, or nobody has this code.
    pub fn set_card_status(
        &self,
        app: &str,
        card_id: &str,
        code: &str,
        status: UserCardStatus,
    ) -> Result<(), Refused> {
        self.0.state().cards.set_status(app, card_id, code, status)
    }
}

pub(super) fn routes(config: &mut ServiceConfig) {
    config
        .service(at("/cards").get(list))
        .service(at("/cards/receive").post(receive))
        .service(at("/cards/choose").post(choose))
        .service(at("/cards/review").post(review))
        .service(at("/cards/spoil").post(spoil))
        .service(at("/cards/status").post(set_status));
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct OfApp {
    app: Option<String>,
}

async fn list(sandbox: Data<Shared>, filter: Query<OfApp>) -> HttpResponse {
    HttpResponse::Ok().json(json!({"cards": control(sandbox).cards(filter.app.as_deref())}))
}

async fn receive(sandbox: Data<Shared>, body: Bytes) -> Outcome {
    Ok(HttpResponse::Created().json(control(sandbox).receive_card(&read(&body)?)?))
}

async fn choose(sandbox: Data<Shared>, body: Bytes) -> Outcome {
    let given = control(sandbox).choose_card(&read(&body)?)?;
    Ok(HttpResponse::Ok().json(json!({ "cards": given })))
}

fn ready_made_app() -> String {
    APP_ID.to_owned()
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Review {
    #[serde(default = "ready_made_app")]
    app: String,
    card_id: String,
    status: CardStatus,
}

async fn review(sandbox: Data<Shared>, body: Bytes) -> Outcome {
    let Review { app, card_id, status } = read(&body)?;
    Ok(HttpResponse::Ok().json(control(sandbox).review_card(&app, &card_id, status)?))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Spoiling {
    #[serde(default = "ready_made_app")]
    app: String,
    card_id: String,
    deposits: u32,
}

async fn spoil(sandbox: Data<Shared>, body: Bytes) -> Outcome {
    let Spoiling { app, card_id, deposits } = read(&body)?;
    control(sandbox).spoil_deposits(&app, &card_id, deposits)?;
    Ok(HttpResponse::Ok().json(json!({ "deposits": deposits })))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NewStatus {
    #[serde(default = "ready_made_app")]
    app: String,
    card_id: String,
    code: String,
    status: UserCardStatus,
}

async fn set_status(sandbox: Data<Shared>, body: Bytes) -> Outcome {
    let NewStatus { app, card_id, code, status } = read(&body)?;
    control(sandbox).set_card_status(&app, &card_id, &code, status)?;
    Ok(HttpResponse::Ok().json(json!({"code": code, "status": status})))
}
