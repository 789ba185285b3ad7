//! An operator at a terminal: types commands, reads what they say.

use std::io::Write as _;
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};
use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;
use tempfile::TempDir;
use tokio::runtime::Runtime;
use wxgate_job::{Failure, JobId, JobState, Kind, Lane};
use wxgate_secret::{Keyring, Secret};
use wxgate_store::Store;
use wxgate_store::model::callback::{CallbackOrder, CallbackSettlement, CallbackState};
use wxgate_store::model::intake::{Acceptance, NewJob};
use wxgate_store::model::work::{Attempt, Settlement};
use wxgate_store::sqlite::SqliteStore;

pub const APP: &str = "wx5andb0x00000001";
pub const KEY: &str = "8f1d5c0b7a6e493827160f5e4d3c2b1a8f1d5c0b7a6e493827160f5e4d3c2b1a";

pub const AES_KEY: &str = "aescanaryAESCANARY0123456789abcdefghijklmno";

/// What a command came to.
#[derive(Debug)]
pub struct Said {
    pub code: i32,
    pub out: String,
    pub err: String,
}

pub struct Operator {
    pub folder: TempDir,
    environment: Vec<(String, String)>,
}

impl Operator {
    /// Without any settings, in an empty folder.
    pub fn new() -> Self {
        Self { folder: TempDir::new().unwrap(), environment: Vec::new() }
    }

    /// With the sandbox's app and a client 'shop'.
    pub fn with_shop() -> Self {
        let operator = Self::new();
        operator.does(&["app", "add", "--app-id", APP, "--secret", "app-canary"]);
        operator.does(&["client", "add", "--code", "shop", "--app-id", APP, "--secret", "client-canary"]);
        operator
    }

    /// Adds a platform.
    pub fn with_platform(&self, appid: &str) {
        let secrets = ["--secret", "component-canary", "--token", "pushcanary", "--aes-key", AES_KEY];
        self.does(&[&["component", "add", "--component-appid", appid], &secrets[..]].concat());
    }

    /// What WeChat does every ten minutes.
    pub fn push_ticket(&self, appid: &str) {
        let ticket = Secret::new("ticket-canary");
        let kept = self.store().call(async |store| store.put_verify_ticket(appid, &ticket, 100).await);
        assert!(kept.unwrap(), "there is no platform {appid}");
    }

    pub fn setting(mut self, name: &str, value: &str) -> Self {
        self.environment.push((name.to_owned(), value.to_owned()));
        self
    }

    pub fn path(&self, below: &str) -> PathBuf {
        self.folder.path().join(below)
    }

    /// The command, ready to be started.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_wxgate"));
        command.args(arguments).current_dir(self.folder.path()).env_clear();
        // Eight hours ahead of UTC, in the form that needs no time zone database.
        command.env("TZ", "CST-8").envs(self.environment.iter().cloned());
        command
    }

    pub fn types(&self, arguments: &[&str]) -> Said {
        said(&self.command(arguments).output().unwrap())
    }

    /// As [`Self::types`], with this on its standard input.
    pub fn types_and_pastes(&self, arguments: &[&str], input: &str) -> Said {
        let mut command = self.command(arguments);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut running = command.spawn().unwrap();
        running.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
        said(&running.wait_with_output().unwrap())
    }

    /// A command that succeeds; what it prints.
    #[track_caller]
    pub fn does(&self, arguments: &[&str]) -> String {
        let said = self.types(arguments);
        assert_eq!((said.code, said.err.as_str()), (0, ""), "{arguments:?}: {}", said.out);
        said.out
    }

    /// As [`Self::does`], for programs.
    #[track_caller]
    pub fn json(&self, arguments: &[&str]) -> Value {
        serde_json::from_str(&self.does(&[arguments, &["--json"]].concat())).unwrap()
    }

    /// A command that is refused; the sentence said. Apps, clients, platforms and switches are as before.
    #[track_caller]
    pub fn is_refused(&self, arguments: &[&str]) -> String {
        let before = self.directory();
        let said = self.types(&[arguments, &["--json"]].concat());
        assert_ne!(said.code, 0, "{arguments:?} was not refused: {}", said.out);
        assert_eq!(self.directory(), before, "{arguments:?} changed something");
        let error: Value = serde_json::from_str(&said.err).unwrap();
        error["error"].as_str().unwrap().to_owned()
    }

    fn directory(&self) -> [String; 4] {
        ["app", "client", "component", "interface"].map(|what| self.does(&[what, "list", "--json"]))
    }

    /// The store behind the commands, opened beside them.
    pub fn store(&self) -> OpenStore {
        let runtime = Runtime::new().unwrap();
        let key = std::fs::read_to_string(self.path("data/secret.key")).unwrap();
        let keys = Keyring::parse(&Secret::new(key.trim())).unwrap();
        let path = self.path("data/wxgate.db");
        let store = Arc::new(runtime.block_on(SqliteStore::open(&path, keys)).unwrap());
        OpenStore { runtime, store }
    }
}

fn said(output: &Output) -> Said {
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    Said { code: output.status.code().unwrap(), out: text(&output.stdout), err: text(&output.stderr) }
}

/// What intake and workers would do, done by hand.
pub struct OpenStore {
    runtime: Runtime,
    store: Arc<dyn Store>,
}

impl OpenStore {
    pub fn call<T>(&self, call: impl AsyncFnOnce(&dyn Store) -> T) -> T {
        self.runtime.block_on(call(self.store.as_ref()))
    }

    /// A job of this client, queued and due.
    pub fn queued(&self, client: &str, subject: &str) -> JobId {
        let lane =
            Lane { client: client.to_owned(), app: APP.to_owned(), kind: Kind::named("async_send_tpl") };
        let job = NewJob {
            lane,
            authcode: rand::random::<[u8; 16]>().to_vec(),
            fingerprint: [0; 16],
            payload: r#"{"touser":"值"}"#.to_owned(),
            subject: subject.to_owned(),
            request: None,
            callback_url: Some("https://shop.example/hook".to_owned()),
            send_at: None,
            expire_at: None,
            receipt: false,
            sharing: None,
            worker: None,
        };
        match self.call(async |store| store.accept(&[job]).await.unwrap())[..] {
            [Acceptance::New(id)] => id,
            ref other => panic!("expected a new job, got {other:?}"),
        }
    }

    /// A job that was tried once and ended so; its callback was given up.
    pub fn ended(&self, client: &str, subject: &str, state: JobState) -> JobId {
        let id = self.queued(client, subject);
        self.call(async |store| {
            let hold = Duration::from_mins(1);
            let worker = store.enlist("test", hold).await.unwrap();
            let claimed = store.claim(worker, &[id]).await.unwrap().remove(0);
            let failure = Failure::new("wechat", "template is not there").with_errcode(40037);
            let settlement = Settlement {
                claim: claimed.claim,
                state,
                due_in: Duration::ZERO,
                counts: true,
                ambiguous_since: None,
                result: (state == JobState::Succeeded).then(|| r#"{"errcode":0}"#.to_owned()),
                msgid: None,
                awaited: None,
                failure: (state == JobState::Failed).then_some(failure),
                attempt: Some(attempt("failed", 40037)),
                callback: Some(CallbackOrder {
                    url: "https://shop.example/hook".to_owned(),
                    endpoint: "https://shop.example".to_owned(),
                    claimed: false,
                }),
            };
            store.settle(worker, &[settlement]).await.unwrap();
            let endpoint = ("https://shop.example".to_owned(), 10);
            let callback = store.claim_callbacks(worker, &[endpoint]).await.unwrap().remove(0);
            let exhausted = CallbackSettlement {
                claim: callback.claim,
                state: CallbackState::Exhausted,
                due_in: Duration::ZERO,
                counts: true,
                status: Some(503),
                attempt: Some(attempt("failed", 503)),
            };
            store.settle_callbacks(worker, &[exhausted]).await.unwrap();
        });
        id
    }

    pub fn state(&self, id: JobId) -> JobState {
        self.call(async |store| store.views(&[id]).await.unwrap().remove(0).state)
    }
}

fn attempt(outcome: &str, code: i64) -> Attempt {
    Attempt {
        at: 1_459_817_487_000,
        took_ms: 12,
        outcome: outcome.to_owned(),
        code: Some(code),
        message: String::new(),
    }
}
