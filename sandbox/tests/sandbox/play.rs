//! One sandbox on a free port with a client for it.

use std::time::Duration;

use reqwest::redirect::Policy;
use reqwest::{Client, RequestBuilder, Response};
use serde_json::{Value, json};
use wxgate_sandbox::{
    APP_ID, APP_SECRET, AppChange, CallFilter, Control, Message, MessageFilter, Options, Rule, Running,
    Sandbox, TEMPLATE_ID,
};

pub const SEND: &str = "/cgi-bin/message/template/send";
pub const TOKEN: &str = "/cgi-bin/token";
pub const STABLE: &str = "/cgi-bin/stable_token";

/// Nothing here takes longer; a test that waits in vain ends after this.
pub const LIMIT: Duration = Duration::from_secs(20);

pub struct Play {
    pub running: Running,
    pub http: Client,
}

/// An answer, read to its end.
#[derive(Debug)]
pub struct Heard {
    pub status: u16,
    pub content_type: String,
    /// Where a redirect leads.
    pub location: Option<String>,
    pub body: Vec<u8>,
}

impl Heard {
    pub async fn read(response: Response) -> Self {
        let header =
            |name: &str| response.headers().get(name).map(|value| value.to_str().unwrap().to_owned());
        Self {
            status: response.status().as_u16(),
            content_type: header("content-type").unwrap_or_default(),
            location: header("location"),
            body: response.bytes().await.unwrap().to_vec(),
        }
    }

    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    /// The errcode, 0 when there is none.
    #[track_caller]
    pub fn errcode(&self) -> i64 {
        assert_eq!(self.status, 200);
        self.json().get("errcode").map_or(0, |errcode| errcode.as_i64().unwrap())
    }

    pub fn text(&self) -> String {
        String::from_utf8(self.body.clone()).unwrap()
    }

    #[track_caller]
    pub fn token(&self) -> String {
        self.json()["access_token"].as_str().unwrap_or_else(|| panic!("{self:?}")).to_owned()
    }
}

impl Play {
    pub fn start() -> Self {
        // The client insists on a TLS provider even for plain HTTP; a second install is refused.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let listen = ([127, 0, 0, 1], 0).into();
        let running =
            Sandbox::start(Options { listen, upyun_listen: Some(listen), ..Options::default() }).unwrap();
        let http = Client::builder().timeout(LIMIT).redirect(Policy::none());
        Self { running, http: http.build().unwrap() }
    }

    pub fn control(&self) -> Control {
        self.running.control()
    }

    pub fn pass_s(&self, seconds: u64) {
        self.control().advance(Duration::from_secs(seconds)).unwrap();
    }

    /// Moves the clock to the beginning of the next minute: none ends within a test then.
    pub fn next_minute(&self) {
        self.pass_to_multiple_of(60);
    }

    /// Moves the clock to the next midnight in Asia/Shanghai.
    pub fn next_midnight(&self) {
        self.pass_to_multiple_of(86_400);
    }

    fn pass_to_multiple_of(&self, seconds: i64) {
        let shanghai = self.control().clock().now_ms / 1000 + 8 * 3600;
        self.pass_s(u64::try_from(seconds - shanghai % seconds).unwrap());
    }

    pub fn fault(&self, rule: Rule) -> u64 {
        self.control().add_faults([rule]).unwrap()[0]
    }

    pub fn get(&self, path: &str) -> RequestBuilder {
        self.http.get(format!("{}{path}", self.running.url()))
    }

    pub fn post(&self, path: &str, body: impl Into<reqwest::Body>) -> RequestBuilder {
        self.http.post(format!("{}{path}", self.running.url())).body(body)
    }

    pub async fn hear(&self, request: RequestBuilder) -> Heard {
        Heard::read(request.send().await.unwrap()).await
    }

    /// Posts to an endpoint with an access token, and reads the answer.
    pub async fn call(&self, path: &str, token: &str, body: &Value) -> Heard {
        self.hear(self.post(&format!("{path}?access_token={token}"), body.to_string())).await
    }

    pub fn change(&self, change: AppChange) {
        self.control().change_app(APP_ID, change).unwrap();
    }

    /// Posts to a control over HTTP.
    pub async fn order(&self, path: &str, body: &Value) -> Heard {
        self.hear(self.post(&format!("/_sandbox{path}"), body.to_string())).await
    }

    pub async fn ask_token(&self) -> Heard {
        self.hear(self.get(&token_path(APP_ID, APP_SECRET))).await
    }

    pub async fn token(&self) -> String {
        self.ask_token().await.token()
    }

    pub async fn ask_stable(&self, force: bool) -> Heard {
        let body = json!({"grant_type": "client_credential", "appid": APP_ID,
            "secret": APP_SECRET, "force_refresh": force});
        self.hear(self.post(STABLE, body.to_string())).await
    }

    pub fn sending(&self, token: &str, message: &Value) -> RequestBuilder {
        self.post(&format!("{SEND}?access_token={token}"), message.to_string())
    }

    pub async fn send(&self, token: &str, message: &Value) -> Heard {
        self.hear(self.sending(token, message)).await
    }

    /// The errcode that a good message gets with this token.
    pub async fn errcode_with(&self, token: &str) -> i64 {
        self.send(token, &message()).await.errcode()
    }

    pub fn messages(&self) -> Vec<Message> {
        self.control().messages(&MessageFilter::default()).entries
    }

    /// The last call, as the log has it.
    pub fn last_call(&self) -> wxgate_sandbox::Call {
        self.control().calls(&CallFilter::default()).entries.pop().unwrap()
    }
}

pub fn token_path(appid: &str, secret: &str) -> String {
    format!("{TOKEN}?grant_type=client_credential&appid={appid}&secret={secret}")
}

/// A message that goes through.
pub fn message() -> Value {
    json!({"touser": "oSandboxUser01", "template_id": TEMPLATE_ID,
        "data": {"thing1": {"value": "咖啡", "color": "#173177"}}})
}

/// The same with one field changed or added.
pub fn message_with(name: &str, value: impl Into<Value>) -> Value {
    let mut message = message();
    message[name] = value.into();
    message
}
