//! Controls of QR codes: which were made.

use actix_web::HttpResponse;
use actix_web::web::{Data, Query, ServiceConfig};
use serde::Deserialize;
use serde_json::json;

use super::Control;
use super::http::{at, control};
use crate::qrcode::QrCode;
use crate::state::Shared;

impl Control {
    /// The newest QR codes, newest last; of one app when one is named.
    #[must_use]
    pub fn qr_codes(&self, app: Option<&str>, limit: usize) -> Vec<QrCode> {
        self.0.state().qrcodes.newest(app, limit)
    }
}

pub(super) fn routes(config: &mut ServiceConfig) {
    config.service(at("/qrcodes").get(list));
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Which {
    app: Option<String>,
    #[serde(default = "usual_limit")]
    limit: usize,
}

fn usual_limit() -> usize {
    1_000
}

async fn list(sandbox: Data<Shared>, which: Query<Which>) -> HttpResponse {
    let codes = control(sandbox).qr_codes(which.app.as_deref(), which.limit);
    HttpResponse::Ok().json(json!({ "qrcodes": codes }))
}
