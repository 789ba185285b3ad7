//! The notify: a signed post to the address that a task named, again until it is answered with 2xx.

use std::sync::Arc;
use std::time::{Duration, UNIX_EPOCH};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use parking_lot::Mutex;
use reqwest::{Client, RequestBuilder};
use serde::Serialize;
use serde_json::Value;
use tokio::time::sleep;
use url::{Url, form_urlencoded};

use super::order::Order;
use crate::bounded::{BoundedLog, Entry, Page};
use crate::faults::{Fault, Spot};
use crate::state::{Shared, State};
use crate::upyun::account::{UPYUN_BUCKET, UPYUN_OPERATOR, UPYUN_PASSWORD};
use crate::upyun::signature::{self, md5_hex};

/// How long an answer is waited for; Upyun's patience is not documented.
const PATIENCE: Duration = Duration::from_secs(10);
/// Signs instead of the real one when a rule wants a wrong signature.
const WRONG_PASSWORD: &str = "not-the-password";

/// One post of a notify.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Notify {
    /// Its number in the log, from 1.
    pub number: u64,
    /// When it was sent, in Unix milliseconds of the sandbox's clock.
    pub at_ms: i64,
    /// The task that it tells of.
    pub task_id: String,
    /// Where it went.
    pub url: String,
    /// The how manieth post of this task it is, from 1.
    pub attempt: u32,
    /// The rule that struck it.
    pub fault: Option<u64>,
    /// Its body.
    pub body: String,
    /// The HTTP status that it was answered with; none without an answer, and when a rule lost it.
    pub answered: Option<u16>,
    /// Why there was no answer.
    pub error: Option<String>,
}

impl Entry for Notify {
    fn weight(&self) -> usize {
        let error = self.error.as_ref().map_or(0, String::len);
        size_of::<Self>() + self.task_id.len() + self.url.len() + self.body.len() + error
    }
}

/// All posts.
#[derive(Debug)]
pub(crate) struct Notifies(Mutex<BoundedLog<Notify>>);

impl Notifies {
    pub(in crate::upyun) fn new(keep: usize) -> Self {
        Self(Mutex::new(BoundedLog::new(keep)))
    }

    fn add(&self, mut notify: Notify) {
        let mut log = self.0.lock();
        notify.number = log.next_number();
        log.push(notify);
    }

    /// The newest posts.
    pub(crate) fn select(&self, limit: usize) -> Page<Notify> {
        self.0.lock().select(limit, |_| true)
    }
}

/// What is posted, and how.
struct Letter<'a> {
    shared: &'a Shared,
    state: &'a State,
    url: &'a Url,
    task_id: &'a str,
    content_type: &'static str,
    body: String,
    fault: Option<u64>,
    password: &'static str,
}

/// Tells of a task that is over.
pub(super) async fn tell(
    shared: &Arc<Shared>,
    state: &Arc<State>,
    order: &Order,
    url: &Url,
    task_id: &str,
    record: &Value,
) {
    let path = format!("/{UPYUN_BUCKET}{}", order.source);
    let strike = state.faults.strike_upyun(Spot::Notify, &path, state.clock.now(), &state.chance);
    let (fault, rule) = strike.map_or((None, None), |strike| (Some(strike.fault), Some(strike.rule_id)));
    let (content_type, body) =
        if order.notifies_json { ("application/json", record.to_string()) } else { form(record) };
    let password = if fault == Some(Fault::Forge) { WRONG_PASSWORD } else { UPYUN_PASSWORD };
    let letter = Letter { shared, state, url, task_id, content_type, body, fault: rule, password };
    match fault {
        Some(Fault::Drop) => return letter.note(1, Err("lost by a fault rule".to_owned())),
        Some(Fault::DelayMs(ms)) => sleep(Duration::from_millis(ms)).await,
        _ => {}
    }
    letter.deliver(1).await;
    if fault == Some(Fault::Twice) {
        letter.deliver(2).await;
    }
}

/// The older form of a notify.
fn form(record: &Value) -> (&'static str, String) {
    let mut form = form_urlencoded::Serializer::new(String::new());
    for (name, value) in record.as_object().into_iter().flatten() {
        match value {
            Value::Array(paths) => {
                form.extend_pairs(paths.iter().filter_map(Value::as_str).map(|path| ("path[]", path)));
            }
            Value::String(text) => {
                form.append_pair(name, text);
            }
            Value::Object(_) => {
                form.append_pair(name, &STANDARD.encode(value.to_string()));
            }
            other => {
                form.append_pair(name, &other.to_string());
            }
        }
    }
    ("application/x-www-form-urlencoded", form.finish())
}

impl Letter<'_> {
    /// Posts until it is answered with 2xx, or as often as the setting says.
    async fn deliver(&self, first_attempt: u32) {
        let setting = *self.state.upyun.setting.lock();
        for attempt in 0..setting.notify_attempts {
            if attempt > 0 {
                sleep(Duration::from_millis(setting.notify_pause_ms)).await;
            }
            let heard = self.shared.courier.ask(|client| self.request(client), PATIENCE).await;
            let answered = heard.map(|heard| heard.status);
            let is_taken = answered.as_ref().is_ok_and(|status| (200..300).contains(status));
            self.note(first_attempt + attempt, answered);
            if is_taken {
                return;
            }
        }
    }

    /// Signed anew each time, since the date is part of it.
    fn request(&self, client: &Client) -> RequestBuilder {
        let at = UNIX_EPOCH + Duration::from_millis(self.state.clock.now().try_into().unwrap_or(0));
        let (date, content_md5) = (httpdate::fmt_http_date(at), md5_hex(&self.body));
        let signed = [Some("POST"), Some(self.url.path()), Some(&*date), Some(&*content_md5)];
        let signature = signature::today(self.password, &signed);
        client
            .post(self.url.clone())
            .header("Authorization", format!("UPYUN {UPYUN_OPERATOR}:{signature}"))
            .header("Date", date)
            .header("Content-MD5", content_md5)
            .header("Content-Type", self.content_type)
            .body(self.body.clone())
    }

    fn note(&self, attempt: u32, answered: Result<u16, String>) {
        let (answered, error) = match answered {
            Ok(status) => (Some(status), None),
            Err(error) => (None, Some(error)),
        };
        self.state.upyun.notifies.add(Notify {
            number: 0,
            at_ms: self.state.clock.now(),
            task_id: self.task_id.to_owned(),
            url: self.url.to_string(),
            attempt,
            fault: self.fault,
            body: self.body.clone(),
            answered,
            error,
        });
        self.shared.activity.send_replace(());
    }
}
