use wxgate_job::decide::OnAmbiguity;
use wxgate_secret::Secret;
use wxgate_store::model::operate::{App, CallbackFormat, Client, Signing, TokenMode};
use wxgate_store::model::rotation::Former;

use crate::fixture::TestStore;

crate::scenarios!(
    apps_and_clients_come_back_as_they_were_put,
    what_a_secret_was_before_is_kept_with_its_end,
    every_change_is_seen_by_the_revision,
    an_interface_can_be_switched_off_and_on,
);

fn app() -> App {
    App {
        app_id: "wx1".to_owned(),
        enabled: true,
        secret: Some(Secret::new("app-secret")),
        token: TokenMode::Stable,
        event_token: None,
        aes_key: Some(Secret::new("k".repeat(43))),
        component_appid: None,
        authorised: false,
        safe_push_only: true,
        rate: Some(50),
        concurrency: None,
    }
}

fn client() -> Client {
    Client {
        code: "shop".to_owned(),
        secret: Some(Secret::new("client-secret")),
        former_secret: None,
        app_id: Some("wx1".to_owned()),
        open: true,
        allow: vec!["async_send_tpl".to_owned(), "get_job_status".to_owned()],
        callback_secret: Some(Secret::new("whsec_abc")),
        former_callback_secret: None,
        callback_format: CallbackFormat::Json,
        signing: Signing::Hmac,
        on_ambiguity: OnAmbiguity::Fail,
    }
}

async fn apps_and_clients_come_back_as_they_were_put(store: TestStore) {
    store.put_app(&app()).await.unwrap();
    store.put_client(&client()).await.unwrap();
    let directory = store.directory().await.unwrap();
    let (app, client) = (&directory.apps["wx1"], &directory.clients["shop"]);
    assert_eq!(app.secret.as_ref().unwrap().expose(), "app-secret");
    assert_eq!(
        (app.token, app.rate, app.concurrency, app.safe_push_only),
        (TokenMode::Stable, Some(50), None, true)
    );
    assert_eq!(client.secret.as_ref().unwrap().expose(), "client-secret");
    assert_eq!(client.allow, ["async_send_tpl", "get_job_status"]);
    assert_eq!(
        (client.signing, client.callback_format, client.on_ambiguity),
        (Signing::Hmac, CallbackFormat::Json, OnAmbiguity::Fail)
    );

    store.put_client(&Client { secret: None, open: false, ..client.as_ref().clone() }).await.unwrap();
    let changed = store.directory().await.unwrap();
    assert!(changed.clients["shop"].secret.is_none() && !changed.clients["shop"].open);
}

async fn what_a_secret_was_before_is_kept_with_its_end(store: TestStore) {
    let former = |secret: &str, until| Some(Former { secret: Secret::new(secret), until });
    let rotated = Client {
        former_secret: former("before", 1_700_000_000_001),
        former_callback_secret: former("whsec_before", i64::MAX),
        ..client()
    };
    store.put_client(&rotated).await.unwrap();
    let kept = store.directory().await.unwrap().clients["shop"].clone();
    let told = |former: &Option<Former>| former.as_ref().map(|it| (it.secret.expose().to_owned(), it.until));
    assert_eq!(told(&kept.former_secret), Some(("before".to_owned(), 1_700_000_000_001)));
    assert_eq!(told(&kept.former_callback_secret), Some(("whsec_before".to_owned(), i64::MAX)));

    store.put_client(&client()).await.unwrap();
    let over = store.directory().await.unwrap().clients["shop"].clone();
    assert!(over.former_secret.is_none() && over.former_callback_secret.is_none());
}

async fn every_change_is_seen_by_the_revision(store: TestStore) {
    let mut last = store.revision().await.unwrap();
    let mut grew = async |what: &str| {
        let now = store.revision().await.unwrap();
        assert!(now > last, "{what}");
        last = now;
    };
    store.put_app(&app()).await.unwrap();
    grew("put_app").await;
    store.put_client(&client()).await.unwrap();
    grew("put_client").await;
    store.switch_interface("get_job_status", false).await.unwrap();
    grew("switch_interface").await;
    assert!(store.remove_client("shop").await.unwrap());
    grew("remove_client").await;
    assert!(store.remove_app("wx1").await.unwrap());
    grew("remove_app").await;
    assert!(!store.remove_app("wx1").await.unwrap());
}

async fn an_interface_can_be_switched_off_and_on(store: TestStore) {
    store.switch_interface("get_job_status", false).await.unwrap();
    store.switch_interface("get_job_status", false).await.unwrap();
    assert!(store.directory().await.unwrap().switched_off.contains("get_job_status"));
    store.switch_interface("get_job_status", true).await.unwrap();
    assert!(store.directory().await.unwrap().switched_off.is_empty());
}
