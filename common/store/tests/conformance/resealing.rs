use std::time::Duration;

use wxgate_job::decide::OnAmbiguity;
use wxgate_secret::Secret;
use wxgate_store::model::operate::{App, CallbackFormat, Client, Signing, TokenMode};
use wxgate_store::model::platform::Component;
use wxgate_store::model::rotation::Former;
use wxgate_store::model::springboard::{Purpose, Springboard};
use wxgate_token::{NewToken, RefreshTerms, TokenKey, Turn};

use crate::behind::Behind;
use crate::fixture::{HOLD, KEY, Place, TestStore};

crate::scenarios_at_a_place!(
    a_key_can_leave_when_all_is_sealed_with_another,
    a_value_that_no_key_opens_is_named,
);

const NEW_KEY: &str = "11223344556677889900aabbccddeeff11223344556677889900aabbccddeeff";

fn secret(text: &str) -> Secret {
    Secret::new(text)
}

/// Something in every sealed column.
async fn fill(store: &TestStore) {
    let app = App {
        app_id: "wx1".to_owned(),
        enabled: true,
        secret: Some(secret("s1")),
        token: TokenMode::Normal,
        event_token: Some(secret("s2")),
        aes_key: Some(secret("s3")),
        component_appid: None,
        authorised: false,
        safe_push_only: false,
        rate: None,
        concurrency: None,
    };
    store.put_app(&app).await.unwrap();
    let client = Client {
        code: "shop".to_owned(),
        secret: Some(secret("s4")),
        former_secret: Some(Former { secret: secret("s13"), until: 1 }),
        app_id: None,
        open: true,
        allow: Vec::new(),
        callback_secret: Some(secret("s5")),
        former_callback_secret: Some(Former { secret: secret("s14"), until: 1 }),
        callback_format: CallbackFormat::Form,
        signing: Signing::Both,
        on_ambiguity: OnAmbiguity::Resend,
    };
    store.put_client(&client).await.unwrap();
    let (appid, key) = ("wxp".to_owned(), secret("s8"));
    let component =
        Component { appid, secret: secret("s6"), token: secret("s7"), aes_key: key, verify_ticket: None };
    store.put_component(&component).await.unwrap();
    store.put_verify_ticket("wxp", &secret("s9"), 100).await.unwrap();
    store.authorise("wx1", "wxp", &secret("s10"), None).await.unwrap();
    put_token(store).await;
    let board = Springboard {
        key: "k1".to_owned(),
        client: "shop".to_owned(),
        app: "wx1".to_owned(),
        purpose: Purpose::Bound,
        user: Some("s12".to_owned()),
    };
    store.put_springboard(&board).await.unwrap();
}

async fn put_token(store: &TestStore) {
    let terms = RefreshTerms { hold: HOLD, min_age: Duration::ZERO, daily_limit: 100 };
    let turn = store.begin_refresh(&TokenKey::access("wx1"), 0, &terms).await.unwrap();
    let Turn::Yours(ticket) = turn else { panic!("{turn:?}") };
    let hour = Duration::from_hours(1);
    let token = NewToken { value: secret("s11"), renew_after: hour, valid_for: hour, refresh_token: None };
    store.finish_refresh(&ticket, &token).await.unwrap();
}

/// All that is sealed.
async fn secrets(store: &TestStore) -> Vec<String> {
    let directory = store.directory().await.unwrap();
    let (app, client) = (&directory.apps["wx1"], &directory.clients["shop"]);
    let platform = &directory.components["wxp"];
    let told = [
        app.secret.clone(),
        app.event_token.clone(),
        app.aes_key.clone(),
        client.secret.clone(),
        client.callback_secret.clone(),
        Some(platform.secret.clone()),
        Some(platform.token.clone()),
        Some(platform.aes_key.clone()),
        platform.verify_ticket.clone(),
        store.refresh_token("wx1").await.unwrap(),
        store.load(&TokenKey::access("wx1")).await.unwrap().map(|token| token.value),
        store.springboard("k1").await.unwrap().unwrap().user.map(Secret::new),
        client.former_secret.clone().map(|former| former.secret),
        client.former_callback_secret.clone().map(|former| former.secret),
    ];
    told.into_iter().map(|secret| secret.unwrap().expose().to_owned()).collect()
}

async fn a_key_can_leave_when_all_is_sealed_with_another(store: TestStore, place: Place) {
    fill(&store).await;
    let kept = secrets(&store).await;
    assert_eq!(kept, (1..=14).map(|number| format!("s{number}")).collect::<Vec<_>>());
    assert!(place.open(NEW_KEY).await.is_err());

    let both = place.open(&format!("{NEW_KEY},{KEY}")).await.unwrap();
    // In small batches: fourteen secrets and the check value.
    let mut batches = Vec::new();
    while batches.last() != Some(&0) {
        batches.push(both.reseal(5).await.unwrap());
    }
    assert_eq!(batches, [5, 5, 5, 0]);

    assert_eq!(secrets(&place.open(NEW_KEY).await.unwrap()).await, kept);
    assert!(place.open(KEY).await.is_err());
}

async fn a_value_that_no_key_opens_is_named(store: TestStore, place: Place) {
    fill(&store).await;
    let mut behind = Behind::at(&place).await;
    behind.spoil("clients", "callback_secret").await;
    let both = place.open(&format!("{NEW_KEY},{KEY}")).await.unwrap();
    let error = both.reseal(100).await.unwrap_err();
    assert_eq!(error.to_string(), "clients shop: a secret cannot be read");
    // Nothing was changed: the batch is one transaction.
    assert!(place.open(NEW_KEY).await.is_err());
}
