//! Controls of media: what is kept, and files that come as if a user had sent them.

use actix_web::HttpResponse;
use actix_web::web::{Bytes, Data, Query, ServiceConfig};
use serde::Deserialize;
use serde_json::json;

use super::Control;
use super::http::{Outcome, at, control};
use crate::media::{Media, MediaStats, MediaType, NewMedia, Sample};
use crate::refused::Refused;
use crate::state::Shared;

impl Control {
    /// Puts a file there, as if a user had sent it to the app, and answers its id and the rest.
    ///
    /// # Errors
    /// [`Refused::Missing`] when there is no such app, [`Refused::Script`] when the file is empty or
    /// larger than 64 MiB.
    pub fn put_media(&self, media: NewMedia) -> Result<Media, Refused> {
        let state = self.0.state();
        let account = state.accounts.find(&media.app).ok_or_else(|| Refused::no_app(&media.app))?;
        state.shelf.put(&account.id, &state.chance.media_id(), media, state.clock.now())
    }

    /// All media that are kept, oldest first.
    #[must_use]
    pub fn media(&self) -> Vec<Media> {
        let state = self.0.state();
        state.shelf.all(state.clock.now())
    }

    /// How many media are kept, and how many went to make room.
    #[must_use]
    pub fn media_stats(&self) -> MediaStats {
        self.0.state().shelf.stats()
    }
}

pub(super) fn routes(config: &mut ServiceConfig) {
    config.service(at("/media").get(list).post(put));
}

async fn list(sandbox: Data<Shared>) -> HttpResponse {
    let control = control(sandbox);
    HttpResponse::Ok().json(json!({ "media": control.media(), "stats": control.media_stats() }))
}

async fn put(sandbox: Data<Shared>, order: Query<Order>, body: Bytes) -> Outcome {
    let media = order.into_inner().media(body)?;
    Ok(HttpResponse::Created().json(control(sandbox).put_media(media)?))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Order {
    sample: Option<Sample>,
    #[serde(rename = "type")]
    kind: Option<MediaType>,
    app: Option<String>,
    size: Option<usize>,
}

impl Order {
    /// The sample or, when none is named, the body.
    fn media(self, body: Bytes) -> Result<NewMedia, Refused> {
        let mut media = match (self.sample, self.kind) {
            (Some(sample), None) if body.is_empty() => NewMedia::sample(sample),
            (None, Some(kind)) => NewMedia::new(kind, body),
            _ => return Err(Refused::script("give a sample, or a type and the file as the body")),
        };
        media.app = self.app.unwrap_or(media.app);
        Ok(media.filled_to(self.size.unwrap_or(0)))
    }
}
