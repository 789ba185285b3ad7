//! Conversions of files in the bucket. Upyun does them at its leisure and tells when it is done:
//! by a [`crate::Notification`], or when asked.

use std::collections::HashMap;
use std::fmt;
use std::str::FromStr;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use reqwest::Method;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::{Value, json};
use tokio::time::Instant;

use crate::call::{Payload, exchange};
use crate::client::Upyun;
use crate::path::escaped_value;
use crate::sign::content_md5;
use crate::{ObjectPath, UpyunError};

/// One conversion.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Task {
    /// The file to convert. Whether it is there shows when the task ends, not when it begins.
    pub source: ObjectPath,
    /// Upyun's kind of task: `audio`, `video`, …
    pub kind: &'static str,
    /// What to do, in Upyun's notation: `/f/mp3/ac/1/ab/48`.
    pub avopts: &'static str,
    /// Where the result goes, in place of whatever was there.
    pub save_as: ObjectPath,
    /// Where Upyun posts the result; its path is what the posts are signed for.
    pub notify_url: String,
}

/// The name that Upyun gave a task.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct TaskId(String);

/// The text is no task's name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("this is not the name of a task")]
pub struct InvalidTaskId;

/// How far a task is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Progress {
    /// Not begun, or Upyun never heard of it: it does not say which.
    Unknown,
    /// Under way, in percent.
    Underway(u8),
    /// Done.
    Done,
    /// Given up.
    Failed,
}

/// What became of a task: what Upyun posts, and what it keeps for those who ask.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TaskResult {
    /// The task.
    pub task_id: String,
    /// 200 when it is done; otherwise why not, in the manner of HTTP.
    pub status_code: u16,
    /// Upyun's words; may be empty.
    #[serde(default, deserialize_with = "absent_is_default")]
    pub description: String,
    /// The files that came of it, as paths in the bucket; whether with a slash in front is up to
    /// Upyun.
    #[serde(default, deserialize_with = "absent_is_default")]
    pub path: Vec<String>,
    /// The bucket.
    #[serde(default, alias = "bucket_name", deserialize_with = "absent_is_default")]
    pub service: String,
}

impl Upyun {
    /// Has a file converted. Doing so twice costs Upyun some work and leads to the same file.
    ///
    /// # Errors
    /// [`UpyunError`].
    pub async fn submit(&self, task: &Task, deadline: Instant) -> Result<TaskId, UpyunError> {
        let body = form(&self.account().bucket, task);
        let payload = Payload {
            content_type: "application/x-www-form-urlencoded",
            md5: &content_md5(body.as_bytes()),
            length: body.len() as u64,
            body: body.into(),
        };
        let request = self.request(&self.bases().process, Method::POST, "/pretreatment/", Some(payload));
        let ids: Vec<TaskId> = read(&exchange(request, deadline).await?)?;
        ids.into_iter().next().ok_or(UpyunError::Unreadable)
    }

    /// How far the task is.
    ///
    /// # Errors
    /// [`UpyunError`].
    pub async fn status(&self, task: &TaskId, deadline: Instant) -> Result<Progress, UpyunError> {
        #[derive(Deserialize)]
        struct Answer {
            tasks: HashMap<String, Option<i64>>,
        }
        let answer: Answer = read(&self.ask("status", task, deadline).await?)?;
        Ok(Progress::of(answer.tasks.get(&task.0).copied().flatten()))
    }

    /// What became of the task; `None` before its end, and when Upyun keeps it no longer.
    ///
    /// # Errors
    /// [`UpyunError`].
    pub async fn result(&self, task: &TaskId, deadline: Instant) -> Result<Option<TaskResult>, UpyunError> {
        let mut answer: Value = read(&self.ask("result", task, deadline).await?)?;
        // Upyun's documents have the tasks in the answer itself, its SDKs in a member of it.
        let tasks = answer.get_mut("tasks").map(Value::take).unwrap_or(answer);
        match tasks.get(&task.0) {
            None | Some(Value::Null) => Ok(None),
            Some(record) => TaskResult::deserialize(record).map(Some).map_err(|_| UpyunError::Unreadable),
        }
    }

    async fn ask(&self, what: &str, task: &TaskId, deadline: Instant) -> Result<bytes::Bytes, UpyunError> {
        let bucket = escaped_value(&self.account().bucket);
        let uri = format!("/{what}/?service={bucket}&task_ids={task}");
        exchange(self.request(&self.bases().process, Method::GET, &uri, None), deadline).await
    }
}

/// The form that submits one task, in the order of Upyun's own example.
fn form(bucket: &str, task: &Task) -> String {
    let tasks = json!([{
        "type": task.kind,
        "avopts": task.avopts,
        "return_info": true,
        "save_as": task.save_as.as_str(),
    }]);
    let fields = [
        ("service", bucket),
        ("source", task.source.as_str()),
        ("notify_url", &task.notify_url),
        ("tasks", &STANDARD.encode(tasks.to_string())),
        ("accept", "json"),
    ];
    fields.map(|(name, value)| format!("{name}={}", escaped_value(value))).join("&")
}

fn read<T: DeserializeOwned>(body: &[u8]) -> Result<T, UpyunError> {
    serde_json::from_slice(body).map_err(|_| UpyunError::Unreadable)
}

fn absent_is_default<'de, T, D>(deserializer: D) -> Result<T, D::Error>
where
    T: Default + Deserialize<'de>,
    D: Deserializer<'de>,
{
    Ok(Option::deserialize(deserializer)?.unwrap_or_default())
}

impl Progress {
    fn of(percent: Option<i64>) -> Self {
        match percent {
            None => Self::Unknown,
            Some(..0) => Self::Failed,
            Some(percent) => match u8::try_from(percent) {
                Ok(percent @ 0..100) => Self::Underway(percent),
                _ => Self::Done,
            },
        }
    }
}

impl FromStr for TaskId {
    type Err = InvalidTaskId;

    /// 32 digits today; nothing that would need escaping, ever.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let fits = (1..=64).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_alphanumeric());
        if fits { Ok(Self(text.to_owned())) } else { Err(InvalidTaskId) }
    }
}

impl<'de> Deserialize<'de> for TaskId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

impl fmt::Display for TaskId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]
    use super::*;

    /// The body and its MD5 are those of a worked example that npm `upyun` 3.4.6 signs alike.
    #[test]
    fn a_task_is_submitted_in_upyuns_form() {
        let task = Task {
            source: "/voice/1.amr".parse().unwrap(),
            kind: "audio",
            avopts: "/f/mp3/ac/1/ab/48",
            save_as: "/voice/1.mp3".parse().unwrap(),
            notify_url: "http://gw.example/notify/upyun".to_owned(),
        };
        let body = form("bucket", &task);
        assert!(
            body.starts_with("service=bucket&source=%2Fvoice%2F1.amr&notify_url=http%3A%2F%2F"),
            "{body}"
        );
        assert_eq!(
            (body.len(), content_md5(body.as_bytes()).as_str()),
            (237, "934ad008b3c2c81ed1eb4a107e70f528")
        );
    }

    #[test]
    fn progress_is_told_in_percent_minus_one_and_null() {
        for (told, progress) in [
            (None, Progress::Unknown),
            (Some(-1), Progress::Failed),
            (Some(0), Progress::Underway(0)),
            (Some(99), Progress::Underway(99)),
            (Some(100), Progress::Done),
        ] {
            assert_eq!(Progress::of(told), progress);
        }
    }

    #[test]
    fn what_could_mean_something_in_a_query_is_no_task() {
        for text in ["", "a&b", "a,b", "a b", "任务", &"a".repeat(65)] {
            assert_eq!(text.parse::<TaskId>(), Err(InvalidTaskId), "{text}");
        }
    }
}
