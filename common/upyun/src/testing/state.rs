//! Files and tasks.

use std::collections::{HashMap, VecDeque};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use percent_encoding::percent_decode_str;
use serde_json::{Map, Value, json};
use url::form_urlencoded;

use super::{Fault, Request};
use crate::sign::content_md5;

#[derive(Default)]
pub(super) struct State {
    pub(super) requests: Vec<Request>,
    pub(super) faults: VecDeque<Fault>,
    pub(super) files: HashMap<String, File>,
    pub(super) tasks: HashMap<String, Told>,
    /// Where each task's result goes.
    pub(super) submitted: HashMap<String, String>,
}

pub(super) struct File {
    pub(super) content_type: String,
    pub(super) body: Vec<u8>,
}

pub(super) struct Told {
    pub(super) progress: Option<i64>,
    pub(super) record: Option<Value>,
    pub(super) bare: bool,
}

/// Status, content type, body.
pub(super) type Answer = (u16, String, Vec<u8>);

impl State {
    /// Does what a request that came whole asks for.
    pub(super) fn answer(&mut self, request: &Request) -> Answer {
        match (request.method.as_str(), request.uri.split_once("/?")) {
            ("POST", None) if request.uri == "/pretreatment/" => self.submit(&request.body),
            ("GET", Some(("/status", query))) => {
                let task = task(query);
                let progress = self.tasks.get(&task).and_then(|told| told.progress);
                json_answer(200, &json!({"tasks": Map::from_iter([(task, json!(progress))])}))
            }
            ("GET", Some(("/result", query))) => self.result(task(query)),
            _ => self.file_answer(request),
        }
    }

    fn submit(&mut self, body: &[u8]) -> Answer {
        let fields: HashMap<_, _> = form_urlencoded::parse(body).into_owned().collect();
        let tasks: Value = serde_json::from_slice(&STANDARD.decode(&fields["tasks"]).unwrap()).unwrap();
        let id = format!("{:032x}", self.submitted.len() + 1);
        self.submitted.insert(id.clone(), tasks[0]["save_as"].as_str().unwrap().to_owned());
        json_answer(200, &json!([id]))
    }

    fn result(&self, task: String) -> Answer {
        let (record, bare) = match self.tasks.get(&task) {
            Some(told) => (told.record.clone(), told.bare),
            None => (None, false),
        };
        let tasks = Map::from_iter(record.map(|record| (task, record)));
        json_answer(200, &if bare { json!(tasks) } else { json!({"tasks": tasks}) })
    }

    fn file_answer(&mut self, request: &Request) -> Answer {
        let path = request.uri.strip_prefix("/bucket").unwrap();
        let path = percent_decode_str(path).decode_utf8().unwrap().into_owned();
        match request.method.as_str() {
            "PUT" => self.put(path, request),
            "DELETE" if self.files.remove(&path).is_some() => (200, String::new(), Vec::new()),
            "GET" | "HEAD" if self.files.contains_key(&path) => {
                let file = &self.files[&path];
                (200, file.content_type.clone(), file.body.clone())
            }
            _ => json_answer(404, &json!({"code": 40_400_001, "msg": "file or directory not found"})),
        }
    }

    fn put(&mut self, path: String, request: &Request) -> Answer {
        if request.header("content-length").is_none() {
            return json_answer(
                400,
                &json!({"code": 40_000_011, "msg": "chunked request bodies not supported yet"}),
            );
        }
        if request.header("content-md5") != Some(&content_md5(&request.body)) {
            return json_answer(400, &json!({"code": 40_000_006, "msg": "content md5 not match"}));
        }
        let content_type = request.header("content-type").unwrap_or_default().to_owned();
        self.files.insert(path, File { content_type, body: request.body.clone() });
        (200, String::new(), Vec::new())
    }
}

fn task(query: &str) -> String {
    let mut pairs = form_urlencoded::parse(query.as_bytes());
    pairs.find(|(name, _)| name == "task_ids").unwrap().1.into_owned()
}

fn json_answer(status: u16, body: &Value) -> Answer {
    (status, "application/json".to_owned(), body.to_string().into_bytes())
}
