//! The FORM API: an upload whose signature and wishes are fields of a multipart form.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value, json};

use super::save_key::{self, Facts};
use super::upload::{guess_type, with_picture};
use crate::multipart::{self, Part};
use crate::reply::Reply;
use crate::upyun::account::{FORM_KEY, UPYUN_OPERATOR, UPYUN_PASSWORD};
use crate::upyun::key::{Key, split};
use crate::upyun::objects::Object;
use crate::upyun::picture;
use crate::upyun::problem::{
    APP_NAME, FILE_TOO_LARGE, FILE_TOO_SMALL, FILE_TYPE, FORM_MD5_DIFFERS, NEED_BUCKET, NEED_EXPIRATION,
    NEED_FILE, NEED_POLICY, NEED_SAVE_KEY, NEED_SIGNATURE, NO_BOUNDARY, NO_USER, OTHER_BUCKET,
    POLICY_EXPIRED, POLICY_UNREADABLE, Problem, SIGNATURE,
};
use crate::upyun::processing::{self, Order};
use crate::upyun::request::Request;
use crate::upyun::signature::{self, md5_hex};
use crate::upyun::visit::Visit;

/// What the upload may and shall be.
struct Policy {
    /// As it came, which is what is signed.
    text: String,
    fields: Map<String, Value>,
}

pub(super) fn is_form(request: &Request) -> bool {
    let content_type = request.header("content-type").unwrap_or_default();
    content_type.to_ascii_lowercase().starts_with("multipart/form-data")
}

pub(super) fn upload(visit: &Visit<'_>) -> Result<Reply, Problem> {
    let request = visit.request;
    let parts = multipart::parts(request.header("content-type").unwrap_or_default(), &request.body);
    if parts.is_empty() {
        return Err(NO_BOUNDARY);
    }
    let policy = Policy::parse(text(&parts, "policy").ok_or(NEED_POLICY)?)?;
    policy.check_signature(request, &parts)?;
    policy.check_reach(visit)?;
    let file = parts.iter().find(|part| part.name == "file").ok_or(NEED_FILE)?;
    policy.check_file(file)?;
    let key = policy.key(visit, file)?;
    let content_type = policy.text_of("content-type").unwrap_or_else(|| guess_type(&key).to_owned());
    // The file is a part of the body, whose memory it keeps.
    let object = Object::new(file.content.clone(), content_type, visit.second(), Arc::clone(visit.room));
    let orders = policy.orders(&key)?;
    visit.state.upyun.objects.put(&key, object.clone())?;
    let tasks = orders.into_iter().map(|order| processing::begin(visit, order)).collect();
    Ok(answer(visit, &key, &object, tasks))
}

fn answer(visit: &Visit<'_>, key: &Key, object: &Object, tasks: Vec<String>) -> Reply {
    let mut body = json!({"code": 200, "message": "ok", "url": key.as_str(), "time": visit.second(),
        "mimetype": object.content_type, "file_size": object.bytes.len()});
    if let Some(picture) = picture::look(&object.bytes) {
        body["image-width"] = picture.width.into();
        body["image-height"] = picture.height.into();
        body["image-type"] = picture.format.into();
        body["image-frames"] = 1.into();
    }
    if !tasks.is_empty() {
        body["task_ids"] = tasks.into();
    }
    let reply = Reply::file("application/json", body.to_string().into());
    with_picture(Reply { took_effect: true, ..reply }, &object.bytes)
}

/// A field of the form; some clients give every field a file name.
fn text(parts: &[Part], name: &str) -> Option<String> {
    let part = parts.iter().find(|part| part.name == name)?;
    String::from_utf8(part.content.to_vec()).ok()
}

impl Policy {
    fn parse(text: String) -> Result<Self, Problem> {
        let json = STANDARD.decode(&text).map_err(|_| POLICY_UNREADABLE)?;
        let fields = serde_json::from_slice(&json).map_err(|_| POLICY_UNREADABLE)?;
        Ok(Self { text, fields })
    }

    /// A field as text; numbers may come as either.
    fn text_of(&self, name: &str) -> Option<String> {
        match self.fields.get(name)? {
            Value::String(text) => Some(text.clone()),
            Value::Number(number) => Some(number.to_string()),
            _ => None,
        }
    }

    fn check_signature(&self, request: &Request, parts: &[Part]) -> Result<(), Problem> {
        if let Some(old) = text(parts, "signature") {
            let right = md5_hex(format!("{}&{FORM_KEY}", self.text));
            return if old == right { Ok(()) } else { Err(SIGNATURE) };
        }
        let authorization = text(parts, "authorization").ok_or(NEED_SIGNATURE)?;
        let credentials = authorization.split_once(' ').map_or("", |(_, credentials)| credentials);
        let (operator, told) = credentials.split_once(':').ok_or(SIGNATURE)?;
        if operator != UPYUN_OPERATOR {
            return Err(NO_USER);
        }
        let (date, content_md5) = (self.text_of("date"), self.text_of("content-md5"));
        let signed = [
            Some("POST"),
            Some(request.path()),
            date.as_deref(),
            Some(self.text.as_str()),
            content_md5.as_deref(),
        ];
        if told == signature::today(UPYUN_PASSWORD, &signed) { Ok(()) } else { Err(SIGNATURE) }
    }

    /// Whether it is for this bucket, and still.
    fn check_reach(&self, visit: &Visit<'_>) -> Result<(), Problem> {
        let bucket = self.text_of("bucket").or_else(|| self.text_of("service")).ok_or(NEED_BUCKET)?;
        Key::in_bucket(visit.request.path())?;
        if bucket != split(visit.request.path())?.0 {
            return Err(OTHER_BUCKET);
        }
        let expiration = self.text_of("expiration").and_then(|at| at.parse::<i64>().ok());
        if expiration.ok_or(NEED_EXPIRATION)? < visit.second() {
            return Err(POLICY_EXPIRED);
        }
        Ok(())
    }

    fn check_file(&self, file: &Part) -> Result<(), Problem> {
        if self.text_of("content-md5").is_some_and(|told| told != md5_hex(&file.content)) {
            return Err(FORM_MD5_DIFFERS);
        }
        if let Some((least, most)) = self.text_of("content-length-range").as_deref().and_then(range) {
            if file.content.len() < least {
                return Err(FILE_TOO_SMALL);
            } else if file.content.len() > most {
                return Err(FILE_TOO_LARGE);
            }
        }
        let suffix = file.filename.as_deref().and_then(|name| name.rsplit_once('.')).map(|(_, s)| s);
        let allowed = self.text_of("allow-file-type");
        let fits = |allowed: String| allowed.split(',').any(|kind| Some(kind) == suffix);
        if allowed.is_none_or(fits) { Ok(()) } else { Err(FILE_TYPE) }
    }

    fn key(&self, visit: &Visit<'_>, file: &Part) -> Result<Key, Problem> {
        let facts = Facts {
            second: visit.second(),
            md5: &md5_hex(&file.content),
            filename: file.filename.as_deref().unwrap_or_default(),
            random: &visit.state.chance.hex(32),
        };
        Key::plain(&save_key::fill(&self.text_of("save-key").ok_or(NEED_SAVE_KEY)?, &facts))
    }

    /// The tasks that begin with the upload.
    fn orders(&self, source: &Key) -> Result<Vec<Order>, Problem> {
        let Some(apps) = self.fields.get("apps") else { return Ok(Vec::new()) };
        let apps = apps.as_array().ok_or(POLICY_UNREADABLE)?;
        if apps.iter().any(|app| app.get("name").is_some_and(|name| name != "naga")) {
            return Err(APP_NAME);
        }
        let notify = self.text_of("notify-url").unwrap_or_default();
        processing::orders(apps, source, &notify, true)
    }
}

/// `min,max`.
fn range(text: &str) -> Option<(usize, usize)> {
    let (least, most) = text.split_once(',')?;
    Some((least.trim().parse().ok()?, most.trim().parse().ok()?))
}
