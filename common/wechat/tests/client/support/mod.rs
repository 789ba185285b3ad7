//! A WeChat made of a socket: it answers what a test tells it to, byte by byte where need be.

mod directory;
mod fake;
mod server;

use directory::Directory;
pub use directory::{COMPONENT, PLATFORM_APP, WAITING_APP, WAITING_COMPONENT};
pub use fake::{Fake, json};
pub use server::{Received, Reply, Server};

use std::error::Error;
use std::sync::{Arc, Once};
use std::time::Duration;

use bytes::Bytes;
use tokio::time::Instant;
use url::Url;
use wxgate_job::Outcome;
use wxgate_token::Limits;
use wxgate_token::testing::MemoryTokenStore;
use wxgate_wechat::{Bases, Sent, WeChat, WeChatError};

/// An app with normal tokens.
pub const APP: &str = "wx5andb0x00000001";
/// An app with stable tokens.
pub const STABLE_APP: &str = "wx5andb0x00000002";
/// What must never be seen in an error.
pub const SECRET: &str = "CANARY-SECRET";
/// What every token of [`Fake`] begins with.
pub const TOKEN: &str = "CANARY-TOKEN-";

/// What every ticket of [`Fake`] begins with.
pub const TICKET: &str = "CANARY-TICKET-";
/// What every refresh token of [`Fake`] begins with.
pub const REFRESH: &str = "CANARY-REFRESH-";

/// A body with what a serializer might change: order, blanks, Chinese, slashes, angle brackets.
pub const BODY: &str =
    r#"{"touser":"oSandboxUser01",  "template_id":"T","data":{"thing1":{"value":"咖啡 <a href=\"/\">"}}}"#;

pub struct World {
    pub fake: Arc<Fake>,
    pub server: Server,
    pub store: Arc<MemoryTokenStore>,
    pub wechat: Arc<WeChat>,
}

impl World {
    pub async fn start() -> Self {
        let fake = Arc::new(Fake::default());
        let answering = Arc::clone(&fake);
        let server = Server::start(move |request| answering.reply(request)).await;
        let store = Arc::new(MemoryTokenStore::default());
        let wechat = Arc::new(client(&server.base(), store.clone()));
        Self { fake, server, store, wechat }
    }

    pub async fn send(&self) -> Result<Sent, WeChatError> {
        self.send_within(Duration::from_secs(20)).await
    }

    pub async fn send_within(&self, limit: Duration) -> Result<Sent, WeChatError> {
        let body = Bytes::from_static(BODY.as_bytes());
        self.wechat.send_template(APP, body, Instant::now() + limit).await
    }
}

/// A client that may refresh a token of any age.
pub fn client(base: &Url, store: Arc<MemoryTokenStore>) -> WeChat {
    let limits = Limits { min_age: Duration::ZERO, ticket_min_age: Duration::ZERO, ..Limits::default() };
    let apps = Arc::new(Directory::new(store.clone()));
    WeChat::new(http(), Bases::all_at(base), apps, store, limits)
}

fn http() -> reqwest::Client {
    static PROVIDER: Once = Once::new();
    PROVIDER.call_once(|| rustls::crypto::ring::default_provider().install_default().unwrap());
    reqwest::Client::builder()
        .no_proxy()
        .redirect(reqwest::redirect::Policy::none())
        .connect_timeout(Duration::from_secs(2))
        .build()
        .unwrap()
}

/// All that an error shows, by `Debug`, by `Display` and by its whole chain.
pub fn all_words(error: &dyn Error) -> String {
    let own = format!("{error} {error:?}\n");
    own + &error.source().map(all_words).unwrap_or_default()
}

/// A moment that no test reaches.
pub fn soon() -> Instant {
    Instant::now() + Duration::from_secs(20)
}

#[track_caller]
pub fn assert_no_secret(words: &str) {
    assert!(!words.contains("CANARY"), "{words}");
}

/// Outcome by code and doubt, for what is tried again.
#[track_caller]
pub fn again(outcome: &Outcome) -> (&str, Duration, bool) {
    match outcome {
        Outcome::Again { failure, at_least, ambiguous } => (&failure.code, *at_least, *ambiguous),
        other => panic!("this should be tried again: {other:?}"),
    }
}
