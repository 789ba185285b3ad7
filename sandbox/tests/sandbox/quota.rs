//! Limits by day, by minute and by user.

use wxgate_sandbox::{APP_ID, AppChange, Limit, Setting};

use crate::play::{Play, SEND, STABLE, TOKEN, message_with};

fn limit(play: &Play, path: &str, limit: Limit) {
    let limits = [(path.to_owned(), Some(limit))].into();
    play.control().change_app(APP_ID, AppChange { limits, ..AppChange::default() }).unwrap();
}

#[tokio::test]
async fn a_daily_quota_ends_calls_until_midnight_in_shanghai() {
    let play = Play::start();
    let token = play.token().await;
    limit(&play, SEND, Limit { per_day: Some(2), per_minute: None });
    let mut errcodes = Vec::new();
    for _ in 0..3 {
        errcodes.push(play.errcode_with(&token).await);
    }
    assert_eq!(errcodes, [0, 0, 45009]);
    assert_eq!(play.messages().len(), 2);

    play.next_midnight();
    let token = play.token().await;
    assert_eq!(play.errcode_with(&token).await, 0);
}

#[tokio::test]
async fn tokens_too_have_a_daily_quota() {
    let play = Play::start();
    limit(&play, TOKEN, Limit { per_day: Some(1), per_minute: None });
    assert_eq!(play.ask_token().await.errcode(), 0);
    assert_eq!(play.ask_token().await.errcode(), 45009);
    assert_eq!(play.ask_stable(false).await.errcode(), 0);
}

#[tokio::test]
async fn a_stable_token_is_forced_twenty_times_a_day() {
    let play = Play::start();
    play.next_midnight();
    for _ in 0..20 {
        assert_eq!(play.ask_stable(true).await.errcode(), 0);
        play.pass_s(30);
    }
    assert_eq!(play.ask_stable(true).await.errcode(), 45009);
    assert_eq!(play.ask_stable(false).await.errcode(), 0);
}

#[tokio::test]
async fn a_limit_per_minute_is_over_in_the_next_minute() {
    let play = Play::start();
    let token = play.token().await;
    for path in [SEND, STABLE] {
        limit(&play, path, Limit { per_day: None, per_minute: Some(1) });
    }
    for _minute in 0..2 {
        play.next_minute();
        let sends = [play.errcode_with(&token).await, play.errcode_with(&token).await];
        assert_eq!(sends, [0, 45011]);
        assert_eq!(play.ask_stable(false).await.errcode(), 0);
        assert_eq!(play.ask_stable(false).await.errcode(), 45011);
    }
}

#[tokio::test]
async fn a_user_may_get_only_so_many_messages_in_a_minute() {
    let play = Play::start();
    let token = play.token().await;
    let change = AppChange { per_user_per_minute: Setting::Set(1), ..AppChange::default() };
    play.control().change_app(APP_ID, change).unwrap();
    play.next_minute();

    let mine = message_with("client_msg_id", "one");
    assert_eq!(play.send(&token, &mine).await.errcode(), 0);
    assert_eq!(play.errcode_with(&token).await, 43117);
    let other = message_with("touser", "oSandboxUser02");
    assert_eq!(play.send(&token, &other).await.errcode(), 0);
    // A repeat is none that the user gets.
    assert_eq!(play.send(&token, &mine).await.errcode(), 0);
    play.next_minute();
    assert_eq!(play.errcode_with(&token).await, 0);
}
