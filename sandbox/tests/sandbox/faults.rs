//! Each fault, what it does to the client, and what it does to the message.

use std::time::{Duration, Instant};

use wxgate_sandbox::{APP_ID, App, Control, Fault, Garbage, MessageFilter, Rule, Template, When};

use crate::play::{LIMIT, Play, SEND, TOKEN, message, message_with};

/// Long beside what a call takes.
const DELAY_MS: u64 = 2_000;
/// Gives up long before a delay ends.
const IMPATIENT: Duration = Duration::from_millis(300);

fn sent(control: &Control) -> usize {
    control.messages(&MessageFilter::default()).total
}

#[tokio::test]
async fn an_errcode_comes_so_many_times_and_then_no_more() {
    let play = Play::start();
    let token = play.token().await;
    play.fault(Rule::new(Fault::Errcode(-1)).path(SEND).times(2));
    let refused = play.send(&token, &message()).await;
    assert_eq!(refused.errcode(), -1);
    assert!(refused.json()["errmsg"].as_str().unwrap().starts_with("system error rid: "));
    assert_eq!(play.errcode_with(&token).await, -1);
    assert_eq!(sent(&play.control()), 0);

    assert_eq!(play.errcode_with(&token).await, 0);
    assert!(play.control().faults().is_empty());
}

#[tokio::test]
async fn an_errcode_can_come_although_the_message_went_out() {
    let play = Play::start();
    let token = play.token().await;
    play.fault(Rule::new(Fault::Errcode(-1)).after_effect());
    assert_eq!(play.errcode_with(&token).await, -1);
    assert_eq!(sent(&play.control()), 1);
    assert!(play.last_call().took_effect);
}

#[tokio::test]
async fn a_fault_strikes_until_its_time_is_over() {
    let play = Play::start();
    let token = play.token().await;
    let mut rule = Rule::new(Fault::Errcode(45011)).for_ms(60_000);
    rule.errmsg = Some("slower, please".to_owned());
    play.fault(rule);
    let refused = play.send(&token, &message()).await;
    assert_eq!(refused.errcode(), 45011);
    assert!(refused.json()["errmsg"].as_str().unwrap().starts_with("slower, please rid: "));

    play.pass_s(60);
    assert_eq!(play.errcode_with(&token).await, 0);
}

#[tokio::test]
async fn a_rule_strikes_only_its_app_its_path_and_its_user() {
    let play = Play::start();
    let mut other = App::new("wx2", "s2");
    other.templates.insert("sandbox-template".to_owned(), Template::default());
    other.subscribers.insert("oSandboxUser01".to_owned());
    play.control().add_app(other).unwrap();
    play.fault(Rule::new(Fault::Errcode(50002)).app("wx2").path(SEND));
    play.fault(Rule::new(Fault::Errcode(43101)).touser("oSandboxUser07"));

    let theirs = play.hear(play.get(&crate::play::token_path("wx2", "s2"))).await.token();
    let ours = play.token().await;
    assert_eq!(play.errcode_with(&theirs).await, 50002);
    assert_eq!(play.errcode_with(&ours).await, 0);
    assert_eq!(play.send(&ours, &message_with("touser", "oSandboxUser07")).await.errcode(), 43101);
}

#[tokio::test]
async fn a_rule_with_a_probability_strikes_about_as_often() {
    let play = Play::start();
    let token = play.token().await;
    play.fault(Rule::new(Fault::Errcode(-1)).path(SEND).probability(0.5));
    for _ in 0..200 {
        play.errcode_with(&token).await;
    }
    let struck = play.control().faults()[0].hits;
    assert!((60..=140).contains(&struck), "{struck} of 200");
    assert_eq!(sent(&play.control()), 200 - struck as usize);
}

#[tokio::test]
async fn a_lifted_rule_strikes_no_more() {
    let play = Play::start();
    let first = play.fault(Rule::new(Fault::Errcode(-1)).path(TOKEN));
    play.fault(Rule::new(Fault::Errcode(50007)).path(TOKEN));
    assert_eq!(play.ask_token().await.errcode(), -1);
    play.control().lift_fault(first).unwrap();
    assert_eq!(play.ask_token().await.errcode(), 50007);
    play.control().lift_faults();
    assert_eq!(play.ask_token().await.errcode(), 0);
}

#[tokio::test]
async fn a_status_and_an_empty_page_are_answered_instead() {
    let play = Play::start();
    let token = play.token().await;
    play.fault(Rule::new(Fault::Status(502)).times(1));
    let page = play.send(&token, &message()).await;
    assert_eq!((page.status, page.content_type.as_str()), (502, "text/html"));

    play.fault(Rule::new(Fault::Empty).times(1));
    let empty = play.send(&token, &message()).await;
    assert_eq!((empty.status, empty.content_type.as_str()), (200, "text/html; charset=gbk"));
    assert!(empty.body.is_empty());
    assert_eq!(sent(&play.control()), 0);
}

#[tokio::test]
async fn the_right_answer_can_call_itself_plain_text() {
    let play = Play::start();
    let token = play.token().await;
    assert_eq!(play.ask_token().await.content_type, "application/json; encoding=utf-8");
    play.fault(Rule::new(Fault::TextPlain));
    let plain = play.send(&token, &message()).await;
    assert_eq!((plain.errcode(), plain.content_type.as_str()), (0, "text/plain"));
    assert_eq!(sent(&play.control()), 1);
}

#[tokio::test]
async fn garbage_in_an_answer_is_refused_by_a_strict_parser() {
    let play = Play::start();
    let token = play.token().await;
    for (garbage, byte) in [(Garbage::Control, 0x08), (Garbage::Utf8, 0xff)] {
        play.fault(Rule::new(Fault::Garble(garbage)).times(1));
        let garbled = play.send(&token, &message()).await;
        assert!(serde_json::from_slice::<serde_json::Value>(&garbled.body).is_err());
        assert!(garbled.body.contains(&byte));
    }
    assert_eq!(sent(&play.control()), 2);
}

#[tokio::test]
async fn a_delay_before_the_effect_sends_the_message_late_and_for_a_client_that_left() {
    let play = Play::start();
    let token = play.token().await;
    play.fault(Rule::new(Fault::DelayMs(DELAY_MS)).path(SEND));
    let impatient = play.sending(&token, &message()).timeout(IMPATIENT).send().await;
    assert!(impatient.unwrap_err().is_timeout());
    assert_eq!(sent(&play.control()), 0);
    assert!(play.control().until(LIMIT, |control| sent(control) == 1).await);
}

#[tokio::test]
async fn a_delay_after_the_effect_holds_up_the_answer_alone() {
    let play = Play::start();
    let token = play.token().await;
    let mut rule = Rule::new(Fault::DelayMs(DELAY_MS)).path(SEND);
    rule.when = Some(When::After);
    play.fault(rule);
    let impatient = play.sending(&token, &message()).timeout(IMPATIENT).send().await;
    assert!(impatient.unwrap_err().is_timeout());
    assert!(play.control().until(LIMIT, |control| sent(control) == 1).await);

    let began = Instant::now();
    assert_eq!(play.errcode_with(&token).await, 0);
    assert!(began.elapsed() >= Duration::from_millis(DELAY_MS));
}

#[tokio::test]
async fn a_call_left_hanging_has_no_effect_and_no_answer() {
    let play = Play::start();
    let token = play.token().await;
    let rule = play.fault(Rule::new(Fault::Hang).path(SEND));
    let hung = play.sending(&token, &message()).timeout(IMPATIENT).send().await;
    assert!(hung.unwrap_err().is_timeout());
    let hangs = |c: &Control| c.stats().calls.get(SEND).is_some_and(|c| c["left hanging"] == 1);
    assert!(play.control().until(LIMIT, hangs).await);
    assert_eq!(sent(&play.control()), 0);
    let call = play.last_call();
    assert_eq!((call.fault, call.answer, call.took_effect), (Some(rule), None, false));
}

#[tokio::test]
async fn tokens_fetched_elsewhere_end_ours_in_mid_flight() {
    let play = Play::start();
    let token = play.token().await;
    play.fault(Rule::new(Fault::Rotate).app(APP_ID).path(SEND).times(1));
    assert_eq!(play.errcode_with(&token).await, 40001);
    let renewed = play.token().await;
    assert_eq!(play.errcode_with(&renewed).await, 0);

    play.fault(Rule::new(Fault::Rotate).path(SEND).times(1).after_effect());
    assert_eq!(play.errcode_with(&renewed).await, 0);
    assert_eq!(play.errcode_with(&renewed).await, 40001);
}
