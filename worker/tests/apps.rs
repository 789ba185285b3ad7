//! Apps and platforms as the client of WeChat asks for them.

#![allow(clippy::unwrap_used, reason = "a failed test may panic")]

use std::sync::Arc;

use wxgate_secret::{Keyring, Secret};
use wxgate_store::model::platform::Component;
use wxgate_store::sqlite::{self, SqliteStore};
use wxgate_store::{DirectoryWatch, Store};
use wxgate_wechat::AppDirectory as _;
use wxgate_worker::apps::Apps;

#[tokio::test]
async fn a_ticket_is_there_as_soon_as_it_is_stored() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("wxgate.db");
    let keys = Keyring::parse(&Keyring::generate_key()).unwrap();
    sqlite::migrate(&path, &keys).await.unwrap();
    let store: Arc<dyn Store> = Arc::new(SqliteStore::open(&path, keys).await.unwrap());
    let platform = Component {
        appid: "wxp".to_owned(),
        secret: Secret::new("secret"),
        token: Secret::new("token"),
        aes_key: Secret::new("k".repeat(43)),
        verify_ticket: None,
    };
    store.put_component(&platform).await.unwrap();
    let apps = Apps::new(DirectoryWatch::fixed(store.directory().await.unwrap()), Arc::clone(&store));
    assert!(apps.verify_ticket("wxp").await.unwrap().is_none());

    store.put_verify_ticket("wxp", &Secret::new("ticket@1"), 1000).await.unwrap();
    assert_eq!(apps.verify_ticket("wxp").await.unwrap().unwrap().expose(), "ticket@1");
}
