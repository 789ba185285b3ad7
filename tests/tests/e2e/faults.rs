use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use wxgate_sandbox::{Fault, Rule};
use wxgate_tests::{Gateway, Pairing, Plan};

use crate::broker::Queue;
use crate::support::{PATIENCE, SEND, reached, reached_all, sends, until};

crate::on_both_pairings!(
    a_worker_killed_while_sending_is_replaced_within_15_seconds_without_a_second_message,
    a_worker_told_to_end_finishes_what_is_under_way,
);

crate::on_servers!(
    a_worker_that_stood_still_past_its_lease_settles_nothing,
    what_was_accepted_without_a_broker_is_delivered_even_when_its_disk_is_gone,
    what_is_accepted_while_the_broker_takes_no_messages_is_delivered,
    a_job_under_way_pins_no_message_of_the_broker,
    a_database_killed_during_commits_keeps_what_was_accepted_and_nothing_else,
    a_database_that_falls_silent_gets_an_honest_answer_and_the_repeat_is_safe,
);

/// WeChat takes the message and then is slow to say so.
fn slow_answer(ms: u32) -> Rule {
    Rule::new(Fault::DelayMs(ms.into())).path(SEND).after_effect().times(1)
}

async fn a_worker_killed_while_sending_is_replaced_within_15_seconds_without_a_second_message(
    pairing: Pairing,
) {
    let mut gateway = Plan::new(pairing).start().await;
    gateway.wechat.add_faults([slow_answer(30_000)]).unwrap();
    let id = gateway.caller.message("oSandboxUser01", &[("callback_url", &gateway.callback_url())]).await;
    until(&gateway.wechat, "the message", |wechat| reached_all(wechat) == 1).await;

    gateway.worker().kill();
    let killed = Instant::now();
    gateway.restart_worker().await;
    let status = gateway.caller.finished(id).await;
    let took = killed.elapsed();
    assert_eq!((status["state"].as_str(), status["attempts"].as_i64()), (Some("succeeded"), Some(2)));
    assert!(took < Duration::from_secs(15), "{took:?}");
    let messages = reached(&gateway.wechat, "oSandboxUser01");
    assert_eq!((messages.len(), messages[0].repeats), (1, 1));
    gateway.receiver.wait_for(1).await;
    gateway.end().await;
}

async fn a_worker_told_to_end_finishes_what_is_under_way(pairing: Pairing) {
    let mut gateway = Plan::new(pairing).start().await;
    gateway.wechat.add_faults([slow_answer(1_000)]).unwrap();
    let id = gateway.caller.message("oSandboxUser01", &[]).await;
    until(&gateway.wechat, "the message", |wechat| reached_all(wechat) == 1).await;
    let ended = tokio::task::block_in_place(|| gateway.worker().terminate());
    assert!(ended.success(), "{ended:?}");
    let succeeded =
        format!("SELECT count(*) FROM jobs WHERE id = {id} AND state = 'succeeded' AND attempts = 1");
    assert_eq!(gateway.database.number(&succeeded).await, 1);
    gateway.end().await;
}

async fn a_worker_that_stood_still_past_its_lease_settles_nothing() {
    let mut gateway = Plan::new(Pairing::Servers).start().await;
    gateway.wechat.add_faults([slow_answer(1_000)]).unwrap();
    let id = gateway.caller.message("oSandboxUser01", &[]).await;
    until(&gateway.wechat, "the message", |wechat| reached_all(wechat) == 1).await;
    gateway.workers[0].pause();
    gateway.start_worker();
    let status = gateway.caller.finished(id).await;
    assert_eq!((status["state"].as_str(), status["attempts"].as_i64()), (Some("succeeded"), Some(2)));

    gateway.workers[0].resume();
    let resumed = Instant::now();
    while !gateway.workers[0].log().contains("lease.lost") {
        assert!(resumed.elapsed() < PATIENCE, "it did not notice");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    // It goes on as a worker like any other, and what it left is as the other one settled it.
    let next = gateway.caller.message("oSandboxUser02", &[]).await;
    gateway.caller.finished(next).await;
    assert_eq!(gateway.caller.status(id).await, status);
    assert_eq!(reached(&gateway.wechat, "oSandboxUser01").len(), 1);
    gateway.end().await;
}

async fn what_was_accepted_without_a_broker_is_delivered_even_when_its_disk_is_gone() {
    let gateway = Plan::new(Pairing::Servers).start().await;
    let servers = gateway.servers.as_ref().unwrap();
    servers.broker("stop").await;
    let callback_url = gateway.callback_url();
    let mut ids = Vec::new();
    for number in 0..500 {
        let openid = format!("oSandboxUser{:02}", number % 99 + 1);
        ids.push(gateway.caller.message(&openid, &[("callback_url", &callback_url)]).await);
    }
    servers.broker("wipe").await;
    servers.broker("start").await;
    for id in &ids {
        assert_eq!(gateway.caller.finished(*id).await["state"], "succeeded");
    }
    assert_eq!(reached_all(&gateway.wechat), 500);
    gateway.receiver.wait_for(500).await;
    // And the doorbells ring again.
    let id = gateway.caller.message("oSandboxUser01", &[]).await;
    gateway.caller.finished(id).await;
    gateway.end().await;
}

async fn what_is_accepted_while_the_broker_takes_no_messages_is_delivered() {
    let gateway = Plan::new(Pairing::Servers).start().await;
    let servers = gateway.servers.as_ref().unwrap();
    servers.broker("alarm").await;
    let mut ids = Vec::new();
    for number in 1..=50 {
        ids.push(gateway.caller.message(&format!("oSandboxUser{number:02}"), &[]).await);
    }
    for id in &ids {
        assert_eq!(gateway.caller.finished(*id).await["state"], "succeeded");
    }
    servers.broker("calm").await;
    let id = gateway.caller.message("oSandboxUser51", &[]).await;
    gateway.caller.finished(id).await;
    assert_eq!(reached_all(&gateway.wechat), 51);
    gateway.end().await;
}

/// Whoever holds a message for as long as a job takes meets the broker's consumer timeout.
async fn a_job_under_way_pins_no_message_of_the_broker() {
    let mut gateway = Plan::new(Pairing::Servers).start().await;
    gateway.wechat.add_faults([slow_answer(30_000)]).unwrap();
    gateway.caller.message("oSandboxUser01", &[]).await;
    until(&gateway.wechat, "the message", |wechat| reached_all(wechat) == 1).await;

    // What a dead consumer held would be in the queue again.
    let queue = Queue::at(&gateway.servers.as_ref().unwrap().amqp).await;
    gateway.worker().kill();
    let died = Instant::now();
    while queue.look().await.consumers > 0 {
        assert!(died.elapsed() < PATIENCE, "the broker does not notice");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert_eq!(queue.look().await.messages, 0);
    gateway.end().await;
}

async fn a_database_killed_during_commits_keeps_what_was_accepted_and_nothing_else() {
    let gateway = Plan::new(Pairing::Servers).start().await;
    let go_on = Arc::new(AtomicBool::new(true));
    let senders: Vec<_> = (0..16)
        .map(|number| tokio::spawn(send_until_told(gateway.caller.clone(), number, Arc::clone(&go_on))))
        .collect();
    until(&gateway.wechat, "some messages", |wechat| sends(wechat).len() > 50).await;
    let servers = gateway.servers.as_ref().unwrap();
    servers.database("kill").await;
    servers.database("start").await;
    let before = sends(&gateway.wechat).len();
    until(&gateway.wechat, "messages after the restart", |wechat| sends(wechat).len() > before + 50).await;
    go_on.store(false, Ordering::Relaxed);
    let mut accepted = HashMap::new();
    for sender in senders {
        accepted.extend(sender.await.unwrap());
    }
    check_accepted(&gateway, &accepted).await;
    gateway.end().await;
}

async fn a_database_that_falls_silent_gets_an_honest_answer_and_the_repeat_is_safe() {
    let gateway = Plan::new(Pairing::Servers).start().await;
    let first = gateway.caller.message("oSandboxUser01", &[]).await;
    gateway.caller.finished(first).await;
    let message = wxgate_tests::template("oSandboxUser02");
    let request = gateway.caller.sign("async_send_tpl", &[("tpl_data", &message)]);

    let servers = gateway.servers.as_ref().unwrap();
    servers.database("pause").await;
    let unsure = gateway.caller.send(&request).await;
    servers.database("resume").await;
    let unsure = unsure.unwrap();
    assert_eq!((unsure.status, unsure.retcode), (200, 504), "{unsure:?}");
    assert!(unsure.msg.contains("cannot be sent twice"), "{unsure:?}");

    let ids = [gateway.caller.send(&request).await.unwrap(), gateway.caller.send(&request).await.unwrap()];
    assert_eq!(ids[0].retcode, 200, "{ids:?}");
    assert_eq!(ids[0].data, ids[1].data);
    gateway.caller.finished(ids[0].data.as_i64().unwrap()).await;
    assert_eq!(reached(&gateway.wechat, "oSandboxUser02").len(), 1);
    gateway.end().await;
}

/// Sends one message after the other; answers the id of each that was accepted, by its mark. What is
/// refused as not stored is left; what is of unknown outcome is repeated unchanged.
async fn send_until_told(
    caller: wxgate_tests::Caller,
    sender: usize,
    go_on: Arc<AtomicBool>,
) -> HashMap<String, i64> {
    let mut accepted = HashMap::new();
    let mut number = 0;
    while go_on.load(Ordering::Relaxed) {
        number += 1;
        let mark = format!("mark-{sender}-{number}-");
        let openid = format!("oSandboxUser{:02}", number % 99 + 1);
        let message = wxgate_tests::template(&openid).replacen(
            '{',
            &format!("{{\"url\":\"https://a.example/{mark}\","),
            1,
        );
        let request = caller.sign("async_send_tpl", &[("tpl_data", &message)]);
        let began = Instant::now();
        loop {
            assert!(began.elapsed() < PATIENCE, "no honest answer within a minute");
            match caller.send(&request).await.map(|answer| (answer.retcode, answer)) {
                Ok((200, answer)) => {
                    accepted.insert(mark, answer.data.as_i64().unwrap());
                    break;
                }
                Ok((503, _)) => break,
                Ok((504, _)) | Err(_) => {}
                Ok((_, answer)) => panic!("{answer:?}"),
            }
        }
    }
    accepted
}

async fn check_accepted(gateway: &Gateway, accepted: &HashMap<String, i64>) {
    for id in accepted.values() {
        assert_eq!(gateway.caller.finished(*id).await["state"], "succeeded");
    }
    let stored = gateway.database.number("SELECT count(*) FROM jobs").await;
    assert_eq!(usize::try_from(stored).unwrap(), accepted.len(), "stored and accepted differ");
    assert_eq!(reached_all(&gateway.wechat), accepted.len(), "sent and accepted differ");
}
