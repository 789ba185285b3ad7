//! Controls of third-party platforms: their settings, tickets, and accounts that authorise them.

use actix_web::HttpResponse;
use actix_web::web::{Bytes, Data, Path, ServiceConfig};
use serde::Deserialize;
use serde_json::json;

use super::Control;
use super::http::{Outcome, at, control, read};
use crate::apps::APP_ID;
use crate::platform::{self, Authorized, Component, ComponentChange};
use crate::refused::Refused;
use crate::state::Shared;

impl Control {
    /// All platforms, by appid.
    #[must_use]
    pub fn components(&self) -> Vec<Component> {
        self.0.state().platforms.all()
    }

    /// Adds a platform.
    ///
    /// # Errors
    /// [`Refused::Exists`] when its appid is taken, [`Refused::Script`] when it is not sound.
    pub fn add_component(&self, component: Component) -> Result<(), Refused> {
        self.0.state().platforms.add(component)
    }

    /// Changes what is named of a platform and answers the whole.
    ///
    /// # Errors
    /// [`Refused::Missing`] when there is no such platform; [`Refused::Script`] when the outcome
    /// would not be sound: then nothing is changed.
    pub fn change_component(&self, appid: &str, change: ComponentChange) -> Result<Component, Refused> {
        self.0.state().platforms.change(appid, change)
    }

    /// Gives a platform a new ticket, and pushes it when the platform has an address: the push's
    /// number.
    ///
    /// # Errors
    /// [`Refused::Missing`] when there is no such platform.
    pub fn push_ticket(&self, appid: &str) -> Result<(String, Option<u64>), Refused> {
        platform::push_ticket(&self.0.state(), appid)
    }

    /// An account authorises a platform without the page: its authorisation code, and the number of
    /// the push that tells the platform.
    ///
    /// # Errors
    /// [`Refused::Missing`] when there is no such platform or app.
    pub fn authorize(&self, component: &str, app_id: &str) -> Result<(String, Option<u64>), Refused> {
        let state = self.0.state();
        let account = state.accounts.find(app_id).ok_or_else(|| Refused::no_app(app_id))?;
        platform::authorize(&state, component, &account, "")
    }

    /// An account takes its authorisation back; the number of the push that tells the platform.
    ///
    /// # Errors
    /// [`Refused::Missing`] when there is no such platform or app, or no authorisation.
    pub fn unauthorize(&self, component: &str, app_id: &str) -> Result<Option<u64>, Refused> {
        let state = self.0.state();
        let account = state.accounts.find(app_id).ok_or_else(|| Refused::no_app(app_id))?;
        platform::unauthorize(&state, component, &account)
    }

    /// The accounts that authorised a platform, with their refresh tokens.
    ///
    /// # Errors
    /// [`Refused::Missing`] when there is no such platform.
    pub fn authorized(&self, appid: &str) -> Result<Vec<Authorized>, Refused> {
        self.0.state().platforms.authorized(appid)
    }
}

pub(super) fn routes(config: &mut ServiceConfig) {
    config
        .service(at("/components").get(list).post(add))
        .service(at("/components/{appid}").patch(change))
        .service(at("/components/{appid}/ticket").post(ticket))
        .service(at("/components/{appid}/authorizations").get(authorized))
        .service(at("/components/{appid}/authorize").post(authorize))
        .service(at("/components/{appid}/unauthorize").post(unauthorize));
}

async fn list(sandbox: Data<Shared>) -> HttpResponse {
    HttpResponse::Ok().json(json!({ "components": control(sandbox).components() }))
}

async fn add(sandbox: Data<Shared>, body: Bytes) -> Outcome {
    let component: Component = read(&body)?;
    control(sandbox).add_component(component.clone())?;
    Ok(HttpResponse::Created().json(component))
}

async fn change(sandbox: Data<Shared>, appid: Path<String>, body: Bytes) -> Outcome {
    Ok(HttpResponse::Ok().json(control(sandbox).change_component(&appid, read(&body)?)?))
}

/// Answers when the push has ended.
async fn ticket(sandbox: Data<Shared>, appid: Path<String>) -> Outcome {
    let control = control(sandbox);
    let (ticket, push) = control.push_ticket(&appid)?;
    let push = ended(&control, push).await;
    Ok(HttpResponse::Ok().json(json!({ "component_verify_ticket": ticket, "push": push })))
}

async fn authorized(sandbox: Data<Shared>, appid: Path<String>) -> Outcome {
    Ok(HttpResponse::Ok().json(json!({ "authorizations": control(sandbox).authorized(&appid)? })))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Account {
    #[serde(default = "ready_made_app")]
    app: String,
}

fn ready_made_app() -> String {
    APP_ID.to_owned()
}

fn account(body: &Bytes) -> Result<String, Refused> {
    if body.is_empty() { Ok(ready_made_app()) } else { read(body).map(|Account { app }| app) }
}

/// Answers when the push has ended.
async fn authorize(sandbox: Data<Shared>, appid: Path<String>, body: Bytes) -> Outcome {
    let control = control(sandbox);
    let (code, push) = control.authorize(&appid, &account(&body)?)?;
    let push = ended(&control, push).await;
    Ok(HttpResponse::Ok().json(json!({ "authorization_code": code, "push": push })))
}

/// Answers when the push has ended.
async fn unauthorize(sandbox: Data<Shared>, appid: Path<String>, body: Bytes) -> Outcome {
    let control = control(sandbox);
    let push = control.unauthorize(&appid, &account(&body)?)?;
    let push = ended(&control, push).await;
    Ok(HttpResponse::Ok().json(json!({ "push": push })))
}

async fn ended(control: &Control, push: Option<u64>) -> Option<crate::pushes::Push> {
    control.push_ended(push?).await
}
