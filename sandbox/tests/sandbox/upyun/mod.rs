//! The simulated Upyun over HTTP: calls signed with plain credentials, unless signing is the matter.

mod faults;
mod form;
mod parts;
mod processing;
mod signing;
mod storage;

use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};
use wxgate_sandbox::{UPYUN_OPERATOR, UPYUN_PASSWORD, UpyunChange};

use crate::play::{Heard, Play};

impl Play {
    /// A call without credentials; paths below the bucket begin with `/sandbox`.
    pub fn upyun_bare(&self, method: Method, path: &str) -> RequestBuilder {
        self.http.request(method, format!("{}{path}", self.running.upyun_url().unwrap()))
    }

    pub fn upyun(&self, method: Method, path: &str) -> RequestBuilder {
        self.upyun_bare(method, path).basic_auth(UPYUN_OPERATOR, Some(UPYUN_PASSWORD))
    }

    pub async fn put(&self, path: &str, body: impl Into<reqwest::Body>) -> Heard {
        self.hear(self.upyun(Method::PUT, path).body(body)).await
    }

    pub async fn got(&self, path: &str) -> Heard {
        self.hear(self.upyun(Method::GET, path)).await
    }

    /// Hands tasks in and answers their ids.
    pub async fn submit(&self, source: &str, notify_url: &str, tasks: &Value) -> Vec<String> {
        let heard = self.submitting(source, notify_url, tasks).await;
        assert_eq!(heard.status, 200, "{heard:?}");
        heard.json().as_array().unwrap().iter().map(|id| id.as_str().unwrap().to_owned()).collect()
    }

    pub async fn submitting(&self, source: &str, notify_url: &str, tasks: &Value) -> Heard {
        use base64::Engine as _;
        let tasks = base64::engine::general_purpose::STANDARD.encode(tasks.to_string());
        let fields = [("service", "sandbox"), ("source", source), ("notify_url", notify_url)];
        let form = url::form_urlencoded::Serializer::new(String::new())
            .extend_pairs(fields)
            .extend_pairs([("tasks", tasks.as_str()), ("accept", "json")])
            .finish();
        self.hear(self.upyun(Method::POST, "/pretreatment/").body(form)).await
    }

    /// A notify that is not taken is repeated at once.
    pub fn hurry_notifies(&self, attempts: u32) {
        let change = UpyunChange {
            notify_attempts: Some(attempts),
            notify_pause_ms: Some(1),
            ..UpyunChange::default()
        };
        self.control().change_upyun(change).unwrap();
    }
}

/// Upyun's code of a refusal, which stands in body and header alike, with its status.
#[track_caller]
pub fn code(heard: &Heard) -> i64 {
    let code = heard.json()["code"].as_i64().unwrap();
    assert_eq!(i64::from(heard.status), code / 100_000);
    assert_eq!(heard.json()["id"].as_str().unwrap().len(), 32);
    code
}

/// One task that makes an MP3 of 48 kbit/s, mono.
pub fn to_mp3(save_as: &str) -> Value {
    json!([{"type": "audio", "avopts": "/f/mp3/ac/1/ab/48", "return_info": true, "save_as": save_as}])
}
