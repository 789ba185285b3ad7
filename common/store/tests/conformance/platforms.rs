use std::time::Duration;

use wxgate_job::Failure;
use wxgate_job::decide::Gate;
use wxgate_secret::Secret;
use wxgate_store::model::operate::{App, GateOrder, TokenMode};
use wxgate_store::model::platform::Component;
use wxgate_token::{NewToken, RefreshTerms, Ticket, TokenKey, Turn};

use crate::fixture::{HOLD, TestStore};

crate::scenarios!(
    a_platform_comes_back_as_it_was_put_and_keeps_its_ticket,
    the_newest_ticket_is_kept,
    an_app_that_authorises_a_platform_is_the_platforms,
    an_authorisation_counts_for_its_own_platform_alone,
    an_authorisation_ends_when_it_is_withdrawn_or_the_app_removed,
    a_withdrawal_ends_no_later_authorisation,
    an_authorisation_is_known_by_its_platform_and_time,
    the_token_of_an_earlier_authorisation_is_forgotten,
    an_authorisation_opens_the_apps_suspended_gate,
    every_change_is_seen_by_the_revision,
);

fn component() -> Component {
    Component {
        appid: "wxp".to_owned(),
        secret: Secret::new("component-secret"),
        token: Secret::new("pushtoken"),
        aes_key: Secret::new("k".repeat(43)),
        verify_ticket: None,
    }
}

fn app(platform: Option<&str>) -> App {
    App {
        app_id: "wx1".to_owned(),
        enabled: true,
        secret: None,
        token: TokenMode::Normal,
        event_token: None,
        aes_key: None,
        component_appid: platform.map(str::to_owned),
        authorised: false,
        safe_push_only: false,
        rate: None,
        concurrency: None,
    }
}

async fn ticket(store: &TestStore) -> Option<String> {
    let directory = store.directory().await.unwrap();
    let known = directory.components["wxp"].verify_ticket.as_ref().map(|ticket| ticket.expose().to_owned());
    let read = store.verify_ticket("wxp").await.unwrap();
    assert_eq!(read.map(|ticket| ticket.expose().to_owned()), known);
    known
}

async fn put_ticket(store: &TestStore, ticket: &str, created_at: i64) -> bool {
    store.put_verify_ticket("wxp", &Secret::new(ticket), created_at).await.unwrap()
}

async fn authorise(store: &TestStore, platform: &str, refresh_token: &str) {
    authorise_at(store, platform, refresh_token, None).await;
}

async fn authorise_at(store: &TestStore, platform: &str, refresh_token: &str, at: Option<i64>) {
    store.authorise("wx1", platform, &Secret::new(refresh_token), at).await.unwrap();
}

async fn withdraw(store: &TestStore, platform: &str, at: i64) -> bool {
    store.withdraw("wx1", platform, at).await.unwrap()
}

async fn refresh_token(store: &TestStore) -> Option<String> {
    store.refresh_token("wx1").await.unwrap().map(|token| token.expose().to_owned())
}

async fn is_authorised(store: &TestStore) -> bool {
    store.directory().await.unwrap().apps["wx1"].authorised
}

async fn a_platform_comes_back_as_it_was_put_and_keeps_its_ticket(store: TestStore) {
    store.put_component(&component()).await.unwrap();
    put_ticket(&store, "T1", 100).await;
    store.put_component(&Component { secret: Secret::new("new"), ..component() }).await.unwrap();

    let directory = store.directory().await.unwrap();
    let kept = &directory.components["wxp"];
    assert_eq!([&kept.secret, &kept.token].map(Secret::expose), ["new", "pushtoken"]);
    assert_eq!(kept.aes_key.expose(), "k".repeat(43));
    assert_eq!(ticket(&store).await.as_deref(), Some("T1"));
    assert!(store.remove_component("wxp").await.unwrap());
    assert!(!store.remove_component("wxp").await.unwrap());
    assert!(store.directory().await.unwrap().components.is_empty());
}

async fn the_newest_ticket_is_kept(store: TestStore) {
    assert!(!put_ticket(&store, "T0", 100).await);
    assert!(store.verify_ticket("wxp").await.unwrap().is_none());
    store.put_component(&component()).await.unwrap();
    assert_eq!(ticket(&store).await, None);
    for (pushed, created_at, kept) in
        [("T1", 100, "T1"), ("T3", 300, "T3"), ("T2", 200, "T3"), ("T4", 300, "T4")]
    {
        assert!(put_ticket(&store, pushed, created_at).await);
        assert_eq!(ticket(&store).await.as_deref(), Some(kept), "{pushed}");
    }
}

async fn an_app_that_authorises_a_platform_is_the_platforms(store: TestStore) {
    store.put_component(&component()).await.unwrap();
    assert_eq!(refresh_token(&store).await, None);
    authorise(&store, "wxp", "R1").await;
    let directory = store.directory().await.unwrap();
    let new = &directory.apps["wx1"];
    assert!(new.enabled && new.authorised && new.secret.is_none());
    assert_eq!(new.component_appid.as_deref(), Some("wxp"));
    assert_eq!(refresh_token(&store).await.as_deref(), Some("R1"));

    store.put_app(&App { enabled: false, rate: Some(5), ..app(Some("wxp")) }).await.unwrap();
    authorise(&store, "wxp", "R2").await;
    let directory = store.directory().await.unwrap();
    let kept = &directory.apps["wx1"];
    assert_eq!((kept.enabled, kept.authorised, kept.rate), (false, true, Some(5)));
    assert_eq!(refresh_token(&store).await.as_deref(), Some("R2"));
}

async fn an_authorisation_counts_for_its_own_platform_alone(store: TestStore) {
    store.put_component(&component()).await.unwrap();
    authorise(&store, "wxp", "R1").await;
    for (platform, counts) in [(Some("other"), false), (None, false), (Some("wxp"), true)] {
        store.put_app(&app(platform)).await.unwrap();
        assert_eq!(is_authorised(&store).await, counts, "{platform:?}");
        assert_eq!(refresh_token(&store).await.is_some(), counts, "{platform:?}");
    }
    store.remove_component("wxp").await.unwrap();
    assert!(!is_authorised(&store).await);
}

async fn an_authorisation_ends_when_it_is_withdrawn_or_the_app_removed(store: TestStore) {
    store.put_component(&component()).await.unwrap();
    authorise(&store, "wxp", "R1").await;
    assert!(!withdraw(&store, "other", 100).await);
    assert!(is_authorised(&store).await);
    assert!(withdraw(&store, "wxp", 100).await);
    assert!(!withdraw(&store, "wxp", 100).await);
    assert!(!is_authorised(&store).await);
    assert_eq!(refresh_token(&store).await, None);

    authorise(&store, "wxp", "R2").await;
    store.remove_app("wx1").await.unwrap();
    store.put_app(&app(Some("wxp"))).await.unwrap();
    assert!(!is_authorised(&store).await);
    assert_eq!(refresh_token(&store).await, None);
}

async fn a_withdrawal_ends_no_later_authorisation(store: TestStore) {
    store.put_component(&component()).await.unwrap();
    authorise_at(&store, "wxp", "R1", Some(300)).await;
    authorise_at(&store, "wxp", "R2", Some(200)).await;
    let ticket = turn(&store, 0).await;
    assert!(!withdraw(&store, "wxp", 299).await);
    assert_eq!(refresh_token(&store).await.as_deref(), Some("R2"));
    let hour = Duration::from_hours(1);
    let token =
        NewToken { value: Secret::new("A1"), renew_after: hour, valid_for: hour, refresh_token: None };
    assert!(store.finish_refresh(&ticket, &token).await.unwrap().is_some(), "the refresh goes on");
    assert!(withdraw(&store, "wxp", 300).await);

    authorise_at(&store, "wxp", "R3", Some(300)).await;
    authorise_at(&store, "other", "R4", Some(200)).await;
    assert!(withdraw(&store, "other", 200).await, "times of another platform do not count");
    authorise_at(&store, "wxp", "R5", None).await;
    assert!(withdraw(&store, "wxp", 1).await, "nobody knows when that was");
}

async fn an_authorisation_is_known_by_its_platform_and_time(store: TestStore) {
    let known = async |platform, since| store.knows_authorisation("wx1", platform, since).await.unwrap();
    assert!(!known("wxp", 0).await);
    authorise_at(&store, "wxp", "R1", Some(300)).await;
    assert!(known("wxp", 299).await && known("wxp", 300).await);
    assert!(!known("wxp", 301).await && !known("other", 300).await);
    authorise_at(&store, "wxp", "R2", None).await;
    assert!(!known("wxp", 0).await);
}

const TERMS: RefreshTerms = RefreshTerms { hold: HOLD, min_age: Duration::ZERO, daily_limit: 100 };

async fn turn(store: &TestStore, seen: i64) -> Ticket {
    match store.begin_refresh(&TokenKey::access("wx1"), seen, &TERMS).await.unwrap() {
        Turn::Yours(ticket) => ticket,
        other => panic!("the turn should be given, not {other:?}"),
    }
}

async fn the_token_of_an_earlier_authorisation_is_forgotten(store: TestStore) {
    let hour = Duration::from_hours(1);
    let token = NewToken {
        value: Secret::new("A1"),
        renew_after: hour,
        valid_for: hour,
        refresh_token: Some(Secret::new("NEXT")),
    };
    for end in ["authorised anew", "withdrawn"] {
        authorise(&store, "wxp", "R1").await;
        let first = turn(&store, 0).await;
        assert!(store.finish_refresh(&first, &token).await.unwrap().is_some());
        let late = turn(&store, first.turn()).await;

        match end {
            "withdrawn" => assert!(withdraw(&store, "wxp", 100).await),
            _ => authorise(&store, "wxp", "R2").await,
        }
        assert!(store.load(&TokenKey::access("wx1")).await.unwrap().is_none(), "{end}");
        assert!(store.finish_refresh(&late, &token).await.unwrap().is_none(), "{end}");
        assert!(turn(&store, 0).await.turn() > late.turn(), "{end}");
        let stands = (end == "authorised anew").then(|| "R2".to_owned());
        assert_eq!(refresh_token(&store).await, stands);
    }
}

async fn an_authorisation_opens_the_apps_suspended_gate(store: TestStore) {
    for (app, kind, gate) in
        [("wx1", "", Gate::Suspended), ("wx1", "async_send_tpl", Gate::Quota), ("wx2", "", Gate::Suspended)]
    {
        let failure = Failure::new("wechat", "refused").with_errcode(61023);
        let (app_id, kind) = (app.to_owned(), kind.to_owned());
        store.close_gate(&GateOrder { app_id, kind, gate, failure, probe_in: HOLD }).await.unwrap();
    }
    authorise(&store, "wxp", "R1").await;
    let directory = store.directory().await.unwrap();
    let mut closed: Vec<_> = directory.gates.iter().map(|gate| (gate.app_id.as_str(), gate.gate)).collect();
    closed.sort_unstable_by_key(|(app, _)| *app);
    assert_eq!(closed, [("wx1", Gate::Quota), ("wx2", Gate::Suspended)]);
}

async fn every_change_is_seen_by_the_revision(store: TestStore) {
    let mut last = store.revision().await.unwrap();
    let mut grew = async |what: &str| {
        let now = store.revision().await.unwrap();
        assert!(now > last, "{what}");
        last = now;
    };
    store.put_component(&component()).await.unwrap();
    grew("put_component").await;
    put_ticket(&store, "T1", 100).await;
    grew("put_verify_ticket").await;
    authorise(&store, "wxp", "R1").await;
    grew("authorise").await;
    withdraw(&store, "wxp", 100).await;
    grew("withdraw").await;
    store.remove_component("wxp").await.unwrap();
    grew("remove_component").await;
}
