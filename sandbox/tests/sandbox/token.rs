//! Access tokens: what issuing one takes, and how long it is worth something.

use serde_json::json;
use wxgate_sandbox::{APP_ID, APP_SECRET, AppChange, Setting};

use crate::play::{Play, SEND, STABLE, TOKEN, message, token_path};

#[tokio::test]
async fn a_token_comes_without_an_errcode_and_expires_after_two_hours() {
    let play = Play::start();
    let answer = play.ask_token().await.json();
    assert_eq!(answer["expires_in"], 7200);
    assert!(answer.get("errcode").is_none());

    let token = answer["access_token"].as_str().unwrap();
    play.pass_s(7_199 - 5);
    assert_eq!(play.errcode_with(token).await, 0);
    play.pass_s(6);
    assert_eq!(play.errcode_with(token).await, 42001);
}

#[tokio::test]
async fn a_replaced_token_works_for_five_more_minutes() {
    let play = Play::start();
    let (old, new) = (play.token().await, play.token().await);
    assert_ne!(old, new);

    play.pass_s(290);
    assert_eq!((play.errcode_with(&old).await, play.errcode_with(&new).await), (0, 0));
    play.pass_s(10);
    assert_eq!((play.errcode_with(&old).await, play.errcode_with(&new).await), (40001, 0));
}

#[tokio::test]
async fn each_bad_request_for_a_token_has_its_errcode() {
    let play = Play::start();
    let requests = [
        (token_path(APP_ID, "wrong"), 40001),
        (token_path("wx0000000000000000", APP_SECRET), 40013),
        (token_path("", APP_SECRET), 41002),
        (token_path(APP_ID, ""), 41004),
        (format!("{TOKEN}?grant_type=password&appid={APP_ID}&secret={APP_SECRET}"), 40002),
        (format!("{TOKEN}?appid={APP_ID}&secret={APP_SECRET}"), 40002),
    ];
    for (path, errcode) in requests {
        assert_eq!(play.hear(play.get(&path)).await.errcode(), errcode, "{path}");
    }
    let posted = play.post(&token_path(APP_ID, APP_SECRET), "");
    assert_eq!(play.hear(posted).await.errcode(), 43001);
}

#[tokio::test]
async fn each_bad_request_for_a_stable_token_has_its_errcode() {
    let play = Play::start();
    let bodies = [
        (json!({"grant_type": "client_credential", "appid": APP_ID, "secret": "wrong"}), 40125),
        (json!({"grant_type": "client_credential", "appid": "wx0", "secret": "wrong"}), 40013),
        (json!({"grant_type": "client_credential", "secret": APP_SECRET}), 41002),
        (json!({"grant_type": "client_credential", "appid": APP_ID}), 41004),
        (json!({"appid": APP_ID, "secret": APP_SECRET}), 40002),
        (json!(["no object"]), 47001),
    ];
    for (body, errcode) in bodies {
        let heard = play.hear(play.post(STABLE, body.to_string())).await;
        assert_eq!(heard.errcode(), errcode, "{body}");
    }
    assert_eq!(play.hear(play.get(STABLE)).await.errcode(), 43002);
}

#[tokio::test]
async fn each_bad_token_has_its_errcode() {
    let play = Play::start();
    let tokens = [("", 41001), ("short", 40014), ("%20spaces%20in%20a%20token%20", 40014)];
    for (token, errcode) in tokens {
        assert_eq!(play.errcode_with(token).await, errcode, "{token}");
    }
    assert_eq!(play.errcode_with("INVENTED_ACCESS_TOKEN_1").await, 40001);
    let got = play.get(&format!("{SEND}?access_token={}", play.token().await));
    assert_eq!(play.hear(got).await.errcode(), 43002);
}

#[tokio::test]
async fn a_stable_token_stays_the_same_until_five_minutes_are_left() {
    let play = Play::start();
    let first = play.ask_stable(false).await.token();
    play.pass_s(6_890);
    let again = play.ask_stable(false).await;
    assert_eq!(again.token(), first);
    assert!((301..=310).contains(&again.json()["expires_in"].as_i64().unwrap()), "{again:?}");

    play.pass_s(11);
    let renewed = play.ask_stable(false).await;
    assert_ne!(renewed.token(), first);
    assert_eq!(renewed.json()["expires_in"], 7200);
    assert_eq!(play.errcode_with(&first).await, 0);
}

#[tokio::test]
async fn a_forced_refresh_makes_a_new_token_thirty_seconds_apart() {
    let play = Play::start();
    let first = play.ask_stable(false).await.token();
    let forced = play.ask_stable(true).await.token();
    assert_ne!(forced, first);
    assert_eq!(play.ask_stable(true).await.token(), forced);
    assert_eq!(play.errcode_with(&first).await, 0);

    play.pass_s(30);
    let second = play.ask_stable(true).await.token();
    assert_ne!(second, forced);
    let worth = (play.errcode_with(&first).await, play.errcode_with(&forced).await);
    assert_eq!(worth, (40001, 0));
}

#[tokio::test]
async fn the_two_kinds_of_token_leave_each_other_alone() {
    let play = Play::start();
    let stable = play.ask_stable(false).await.token();
    let ordinary = play.token().await;
    play.ask_stable(true).await;
    play.token().await;
    play.token().await;

    play.pass_s(250);
    assert_eq!((play.errcode_with(&stable).await, play.errcode_with(&ordinary).await), (0, 0));
    assert_eq!(play.control().stats().tokens[APP_ID].stable, 2);
    assert_eq!(play.control().stats().tokens[APP_ID].ordinary, 3);
}

#[tokio::test]
async fn an_address_that_is_not_listed_gets_no_token_of_either_kind() {
    let play = Play::start();
    let elsewhere = Setting::Set(["203.0.113.7".parse().unwrap()].into());
    let change = AppChange { ip_whitelist: elsewhere, ..AppChange::default() };
    play.control().change_app(APP_ID, change).unwrap();

    let refused = play.ask_token().await;
    assert_eq!(refused.errcode(), 40164);
    let errmsg = refused.json()["errmsg"].as_str().unwrap().to_owned();
    assert!(errmsg.starts_with("invalid ip 127.0.0.1 ipv6 ::ffff:127.0.0.1, not in whitelist rid: "));
    assert_eq!(play.ask_stable(false).await.errcode(), 40164);

    let lift = AppChange { ip_whitelist: Setting::Lift, ..AppChange::default() };
    play.control().change_app(APP_ID, lift).unwrap();
    assert_eq!(play.ask_token().await.errcode(), 0);
}

#[tokio::test]
async fn rotating_ends_all_tokens_at_once_and_the_next_ones_are_new() {
    let play = Play::start();
    let (ordinary, stable) = (play.token().await, play.ask_stable(false).await.token());
    play.control().rotate_tokens(APP_ID).unwrap();
    assert_eq!(play.errcode_with(&ordinary).await, 40001);
    assert_eq!(play.errcode_with(&stable).await, 40001);

    let renewed = play.ask_stable(false).await.token();
    assert_ne!(renewed, stable);
    assert_eq!(play.errcode_with(&renewed).await, 0);
}

#[tokio::test]
async fn a_refusal_ends_with_a_request_id_that_begins_with_the_second() {
    let play = Play::start();
    let before = play.control().clock().now_ms / 1000;
    let answer = play.send("INVENTED_ACCESS_TOKEN_1", &message()).await.json();

    let (text, rid) = answer["errmsg"].as_str().unwrap().split_once(" rid: ").unwrap();
    assert!(text.starts_with("invalid credential"), "{text}");
    let groups: Vec<i64> = rid.split('-').map(|g| i64::from_str_radix(g, 16).unwrap()).collect();
    assert!(rid.split('-').all(|group| group.len() == 8) && groups.len() == 3, "{rid}");
    assert!((before..=before + 20).contains(&groups[0]), "{rid}");
}
