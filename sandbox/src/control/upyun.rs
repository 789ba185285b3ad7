//! Controls of the simulated Upyun.

use std::collections::BTreeMap;

use actix_web::HttpResponse;
use actix_web::web::{Bytes, Data, Query, ServiceConfig};
use serde::Serialize;
use serde_json::json;

use super::http::{Outcome, at, control, read, shown};
use super::{Control, UpyunFilter};
use crate::bounded::Page;
use crate::faults::Spot;
use crate::refused::Refused;
use crate::state::Shared;
use crate::upyun::{
    FORM_KEY, Notify, UPYUN_BUCKET, UPYUN_OPERATOR, UPYUN_PASSWORD, UpyunCall, UpyunChange, UpyunObject,
    UpyunSetting, UpyunTask,
};

/// The account, and counts since the start or the last reset.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct UpyunOverview {
    /// The bucket.
    pub bucket: &'static str,
    /// The operator.
    pub operator: &'static str,
    /// The operator's password. Invented, and therefore shown.
    pub password: &'static str,
    /// The bucket's key for the old FORM signature.
    pub form_key: &'static str,
    /// How it behaves.
    pub setting: UpyunSetting,
    /// The memory that is held for files and bodies, in bytes; at 256 MiB the bucket is full.
    pub held_bytes: u64,
    /// Conversions that were really done, by ffmpeg: not those answered with the MP3 that is shipped.
    pub conversions: u64,
    /// Calls that ended, by kind and by how: Upyun's code (`0` for success), or `http 502`,
    /// `dropped`, `left hanging`, `broken off`.
    pub calls: BTreeMap<Spot, BTreeMap<String, u64>>,
}

impl Control {
    /// Upyun's account, setting and counts.
    #[must_use]
    pub fn upyun(&self) -> UpyunOverview {
        let state = self.0.state();
        let setting = *state.upyun.setting.lock();
        UpyunOverview {
            bucket: UPYUN_BUCKET,
            operator: UPYUN_OPERATOR,
            password: UPYUN_PASSWORD,
            form_key: FORM_KEY,
            setting,
            held_bytes: state.upyun.rooms.held(),
            conversions: state.upyun.tasks.conversions(),
            calls: state.upyun.calls.counts(),
        }
    }

    /// Changes how Upyun behaves.
    ///
    /// # Errors
    /// [`Refused::Script`] when a number is out of its bounds: then nothing is changed.
    pub fn change_upyun(&self, change: UpyunChange) -> Result<UpyunSetting, Refused> {
        let state = self.0.state();
        let mut setting = state.upyun.setting.lock();
        *setting = setting.changed(change)?;
        Ok(*setting)
    }

    /// The files that Upyun stores, by path.
    #[must_use]
    pub fn upyun_objects(&self) -> Vec<UpyunObject> {
        self.0.state().upyun.objects.all()
    }

    /// The bytes of the file at this path, such as `/voice/1.mp3`.
    #[must_use]
    pub fn upyun_object(&self, path: &str) -> Option<Bytes> {
        self.0.state().upyun.objects.bytes(path)
    }

    /// The tasks that Upyun was given, newest last.
    #[must_use]
    pub fn upyun_tasks(&self, filter: &UpyunFilter) -> Page<UpyunTask> {
        self.0.state().upyun.tasks.select(filter.limit, |_| true)
    }

    /// The notifies that Upyun posted or that a rule lost, newest last.
    #[must_use]
    pub fn upyun_notifies(&self, filter: &UpyunFilter) -> Page<Notify> {
        self.0.state().upyun.notifies.select(filter.limit)
    }

    /// The calls that Upyun received, newest last.
    #[must_use]
    pub fn upyun_calls(&self, filter: &UpyunFilter) -> Page<UpyunCall> {
        self.0.state().upyun.calls.select(filter.limit, filter.spot)
    }
}

pub(super) fn routes(config: &mut ServiceConfig) {
    config
        .service(at("/upyun").get(overview).patch(change))
        .service(at("/upyun/objects").get(objects))
        .service(at("/upyun/tasks").get(tasks))
        .service(at("/upyun/notifies").get(notifies))
        .service(at("/upyun/calls").get(calls));
}

async fn overview(sandbox: Data<Shared>) -> HttpResponse {
    HttpResponse::Ok().json(control(sandbox).upyun())
}

async fn change(sandbox: Data<Shared>, body: Bytes) -> Outcome {
    Ok(HttpResponse::Ok().json(control(sandbox).change_upyun(read(&body)?)?))
}

async fn objects(sandbox: Data<Shared>) -> HttpResponse {
    HttpResponse::Ok().json(json!({ "objects": control(sandbox).upyun_objects() }))
}

async fn tasks(sandbox: Data<Shared>, filter: Query<UpyunFilter>) -> HttpResponse {
    shown("tasks", &control(sandbox).upyun_tasks(&filter))
}

async fn notifies(sandbox: Data<Shared>, filter: Query<UpyunFilter>) -> HttpResponse {
    shown("notifies", &control(sandbox).upyun_notifies(&filter))
}

async fn calls(sandbox: Data<Shared>, filter: Query<UpyunFilter>) -> HttpResponse {
    shown("calls", &control(sandbox).upyun_calls(&filter))
}
