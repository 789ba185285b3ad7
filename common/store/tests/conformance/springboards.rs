use std::time::Duration;

use wxgate_store::model::springboard::{CardPage, Login, LoginEnd, Purpose, Springboard};

use crate::behind::Behind;
use crate::fixture::{HOLD, Place, TestStore};

crate::scenarios!(
    a_springboard_comes_back_as_it_was_put,
    only_its_owner_sets_what_is_known_of_the_user,
    a_login_is_completed_once_and_its_repeat_goes_the_same_way,
    a_state_is_not_used_with_another_code,
    of_many_browsers_at_once_one_completes_the_login,
    a_lapsed_login_can_be_begun_anew,
    a_released_login_can_be_begun_anew_with_any_code,
    only_whoever_has_the_right_gives_it_back,
    whoever_was_overtaken_finishes_nothing,
    finishing_again_changes_nothing,
    a_bound_login_is_known_under_the_fresh_key_alone,
    what_is_no_login_has_no_state,
);
crate::scenarios_at_a_place!(
    a_repeat_is_sent_the_same_way_for_a_minute,
    a_springboard_lives_thirty_days,
    what_is_known_of_a_user_is_sealed,
);

fn login(key: &str, bind: bool) -> Springboard {
    let purpose = Purpose::Login {
        redirect_uri: "www.verystar.cn/?a=\"1\"".to_owned(),
        oauth_type: "oauth_snsapi_base".to_owned(),
        bind,
    };
    Springboard { key: key.to_owned(), client: "shop".to_owned(), app: "wx1".to_owned(), purpose, user: None }
}

fn end(bound: Option<&str>) -> LoginEnd {
    LoginEnd {
        user: r#"{"openid":"oCanary","nickname":"值"}"#.to_owned(),
        redirect: format!("http://www.verystar.cn/?key={}", bound.unwrap_or("k1")),
        bound: bound.map(str::to_owned),
    }
}

async fn put(store: &TestStore, board: &Springboard) {
    store.put_springboard(board).await.unwrap();
}

async fn begin(store: &TestStore, code: &str, hold: Duration) -> Login {
    store.begin_login("k1", code, hold).await.unwrap()
}

async fn user(store: &TestStore, key: &str) -> Option<String> {
    store.springboard(key).await.unwrap().unwrap().user
}

async fn a_springboard_comes_back_as_it_was_put(store: TestStore) {
    let page =
        CardPage { card_id: "pCard".to_owned(), main_color: "Color010".to_owned(), ..CardPage::default() };
    for (key, purpose) in [
        ("k1", login("k1", true).purpose),
        ("k2", Purpose::TestLogin { redirect_uri: "https://shop.example/".to_owned() }),
        ("k3", Purpose::TakeCard(page.clone())),
        ("k4", Purpose::ShowCode(page)),
    ] {
        let board = Springboard { purpose, user: Some(format!("{{\"k\":\"{key}\"}}")), ..login(key, false) };
        put(&store, &board).await;
        // The answer got lost, and the caller's process asks again.
        put(&store, &board).await;
        assert_eq!(store.springboard(key).await.unwrap(), Some(board));
    }
    assert_eq!(store.springboard("k5").await.unwrap(), None);
}

async fn only_its_owner_sets_what_is_known_of_the_user(store: TestStore) {
    put(&store, &login("k1", false)).await;
    assert!(!store.set_user_data("other", "k1", "{}").await.unwrap());
    assert!(!store.set_user_data("shop", "k2", "{}").await.unwrap());
    assert_eq!(user(&store, "k1").await, None);

    assert!(store.set_user_data("shop", "k1", r#"{"n":1}"#).await.unwrap());
    assert!(store.set_user_data("shop", "k1", r#"{"n":2}"#).await.unwrap());
    assert_eq!(user(&store, "k1").await.as_deref(), Some(r#"{"n":2}"#));
}

async fn a_login_is_completed_once_and_its_repeat_goes_the_same_way(store: TestStore) {
    let board = login("k1", false);
    put(&store, &board).await;
    assert_eq!(begin(&store, "C", HOLD).await, Login::Yours(Box::new(board)));
    assert_eq!(begin(&store, "C", HOLD).await, Login::Busy);

    store.finish_login("k1", "C", &end(None)).await.unwrap();
    assert_eq!(begin(&store, "C", HOLD).await, Login::Repeat { redirect: end(None).redirect });
    assert_eq!(user(&store, "k1").await, Some(end(None).user));
}

async fn a_state_is_not_used_with_another_code(store: TestStore) {
    put(&store, &login("k1", false)).await;
    begin(&store, "C", HOLD).await;
    assert_eq!(begin(&store, "D", HOLD).await, Login::Busy);

    store.finish_login("k1", "C", &end(None)).await.unwrap();
    assert_eq!(begin(&store, "D", HOLD).await, Login::Used);
}

async fn of_many_browsers_at_once_one_completes_the_login(store: TestStore) {
    put(&store, &login("k1", false)).await;
    let tries: Vec<_> = (0..8)
        .map(|n| {
            let store = store.clone();
            tokio::spawn(async move { begin(&store, if n % 2 == 0 { "C" } else { "D" }, HOLD).await })
        })
        .collect();
    let mut told = Vec::new();
    for one in tries {
        told.push(one.await.unwrap());
    }
    let count = |wanted: fn(&Login) -> bool| told.iter().filter(|login| wanted(login)).count();
    assert_eq!(count(|login| matches!(login, Login::Yours(_))), 1);
    assert_eq!(count(|login| matches!(login, Login::Busy)), 7);
}

async fn a_lapsed_login_can_be_begun_anew(store: TestStore) {
    put(&store, &login("k1", false)).await;
    for code in ["C", "C", "D"] {
        assert!(matches!(begin(&store, code, Duration::ZERO).await, Login::Yours(_)), "{code}");
    }
}

async fn a_released_login_can_be_begun_anew_with_any_code(store: TestStore) {
    put(&store, &login("k1", false)).await;
    for code in ["C", "C", "D"] {
        assert!(matches!(begin(&store, code, HOLD).await, Login::Yours(_)), "{code}");
        store.release_login("k1", code).await.unwrap();
    }
    begin(&store, "D", HOLD).await;
    store.finish_login("k1", "D", &end(None)).await.unwrap();
    store.release_login("k1", "D").await.unwrap();
    assert_eq!(begin(&store, "D", HOLD).await, Login::Repeat { redirect: end(None).redirect });
}

async fn only_whoever_has_the_right_gives_it_back(store: TestStore) {
    put(&store, &login("k1", false)).await;
    begin(&store, "C", Duration::ZERO).await;
    begin(&store, "D", HOLD).await;
    store.release_login("k1", "C").await.unwrap();
    store.release_login("k2", "D").await.unwrap();
    assert_eq!(begin(&store, "C", HOLD).await, Login::Busy);
}

async fn whoever_was_overtaken_finishes_nothing(store: TestStore) {
    put(&store, &login("k1", false)).await;
    begin(&store, "C", Duration::ZERO).await;
    begin(&store, "D", HOLD).await;
    store.finish_login("k1", "C", &end(Some("fresh"))).await.unwrap();
    assert_eq!(begin(&store, "D", HOLD).await, Login::Busy);
    assert_eq!(store.springboard("fresh").await.unwrap(), None);

    store.finish_login("k1", "D", &end(None)).await.unwrap();
    assert_eq!(user(&store, "k1").await, Some(end(None).user));
}

async fn finishing_again_changes_nothing(store: TestStore) {
    put(&store, &login("k1", false)).await;
    begin(&store, "C", HOLD).await;
    store.finish_login("k1", "C", &end(None)).await.unwrap();
    store.set_user_data("shop", "k1", r#"{"n":1}"#).await.unwrap();
    store.finish_login("k1", "C", &end(None)).await.unwrap();
    assert_eq!(user(&store, "k1").await.as_deref(), Some(r#"{"n":1}"#));
}

async fn a_bound_login_is_known_under_the_fresh_key_alone(store: TestStore) {
    put(&store, &login("k1", true)).await;
    begin(&store, "C", HOLD).await;
    store.finish_login("k1", "C", &end(Some("fresh"))).await.unwrap();

    assert_eq!(user(&store, "k1").await, None);
    let bound = Springboard { purpose: Purpose::Bound, user: Some(end(None).user), ..login("fresh", true) };
    assert_eq!(store.springboard("fresh").await.unwrap(), Some(bound));
    assert_eq!(begin(&store, "C", HOLD).await, Login::Repeat { redirect: end(Some("fresh")).redirect });
}

async fn what_is_no_login_has_no_state(store: TestStore) {
    assert_eq!(begin(&store, "C", HOLD).await, Login::Unknown);
    put(&store, &Springboard { purpose: Purpose::Bound, ..login("k1", false) }).await;
    assert_eq!(begin(&store, "C", HOLD).await, Login::Unknown);
}

async fn a_repeat_is_sent_the_same_way_for_a_minute(store: TestStore, place: Place) {
    let mut behind = Behind::at(&place).await;
    put(&store, &login("k1", false)).await;
    begin(&store, "C", HOLD).await;
    store.finish_login("k1", "C", &end(None)).await.unwrap();
    behind.pass("springboards", "finished_at", Duration::from_secs(61)).await;
    assert_eq!(begin(&store, "C", HOLD).await, Login::Used);
}

async fn a_springboard_lives_thirty_days(store: TestStore, place: Place) {
    let mut behind = Behind::at(&place).await;
    put(&store, &login("k1", false)).await;
    behind.pass("springboards", "created_at", Duration::from_hours(30 * 24 - 1)).await;
    put(&store, &login("k2", false)).await;
    assert!(store.springboard("k1").await.unwrap().is_some());
    assert_eq!(store.forget_springboards(10).await.unwrap(), 0);

    behind.pass("springboards", "created_at", Duration::from_hours(1)).await;
    assert_eq!(store.springboard("k1").await.unwrap(), None);
    assert!(!store.set_user_data("shop", "k1", "{}").await.unwrap());
    assert_eq!(begin(&store, "C", HOLD).await, Login::Unknown);
    assert_eq!(store.forget_springboards(10).await.unwrap(), 1);
    assert!(store.springboard("k2").await.unwrap().is_some());
}

async fn what_is_known_of_a_user_is_sealed(store: TestStore, place: Place) {
    let mut behind = Behind::at(&place).await;
    put(&store, &login("k1", true)).await;
    begin(&store, "C", HOLD).await;
    store.finish_login("k1", "C", &end(Some("fresh"))).await.unwrap();
    let kept = behind.kept("springboards", "user_data").await;
    assert_eq!(kept.len(), 1);
    assert!(!kept[0].windows(6).any(|bytes| bytes == b"Canary"));
}
