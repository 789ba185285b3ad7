//! What all scenarios need.

use std::error::Error;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::time::Instant;
use url::Url;
use wxgate_secret::Secret;
use wxgate_upyun::testing::Fake;
use wxgate_upyun::{Account, Bases, ObjectPath, Upyun, UpyunError};

/// The MD5 of `abc`.
pub const ABC_MD5: &str = "900150983cd24fb0d6963f7d28e17f72";

pub async fn world() -> (Fake, Upyun) {
    let fake = Fake::start().await;
    let upyun = fake.client(http());
    (fake, upyun)
}

/// A client whose Upyun has no socket any more.
pub async fn nowhere() -> Upyun {
    let closed = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let base: Url = format!("http://{closed}").parse().unwrap();
    let bases = Bases { api: base.clone(), process: base.clone(), public: base };
    let (bucket, operator) = ("bucket".to_owned(), "operator".to_owned());
    Upyun::new(http(), bases, Account { bucket, operator, password: Secret::new("CANARY") })
}

fn http() -> reqwest::Client {
    wxgate_egress::upstream_client(Duration::from_secs(2)).unwrap()
}

/// Long enough never to matter.
pub fn ample() -> Instant {
    Instant::now() + Duration::from_secs(30)
}

/// Short enough to wait for.
pub fn short() -> Instant {
    Instant::now() + Duration::from_millis(300)
}

pub fn path(text: &str) -> ObjectPath {
    text.parse().unwrap()
}

pub async fn put_abc(upyun: &Upyun, at: &str) -> Result<(), UpyunError> {
    upyun.put(&path(at), "text/plain", ABC_MD5, 3, "abc".into(), ample()).await
}

/// All that an error shows, by `Debug`, by `Display` and by its whole chain.
pub fn all_words(error: &dyn Error) -> String {
    let own = format!("{error} {error:?}\n");
    own + &error.source().map(all_words).unwrap_or_default()
}
