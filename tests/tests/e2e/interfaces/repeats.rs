//! A request with an effect, repeated at once at two intake processes.

use serde_json::Value;
use wxgate_sandbox::{CARD_ID, Control, MessageFilter};
use wxgate_tests::{Caller, Pairing, Plan, Signed};

use super::{data, taken};
use crate::support::calls;

crate::on_servers!(a_card_and_a_message_asked_for_at_two_processes_at_once_are_done_once);

async fn a_card_and_a_message_asked_for_at_two_processes_at_once_are_done_once() {
    let mut gateway = Plan::new(Pairing::Servers).start().await;
    let second = format!("http://{}", gateway.start_intake().await);
    let callers = [gateway.caller.clone(), gateway.caller.at(&second)];
    let card = taken(&gateway.wechat, CARD_ID);

    let consume = callers[0].sign("consume_card_code", &[("code", &card.code), ("card_id", CARD_ID)]);
    let message = r#"{"touser":"oSandboxUser01","msgtype":"text","text":{"content":"您好"}}"#;
    let message = callers[0].sign("custom_msg_send", &[("msg_data", message)]);

    assert_eq!(all_at_once(&callers, &consume).await["openid"], card.openid);
    assert_eq!(calls(&gateway.wechat, "/card/code/consume"), 1);
    assert_eq!(all_at_once(&callers, &message).await["errcode"], 0);
    assert_eq!(messages(&gateway.wechat), 1);
    gateway.end().await;
}

/// The one answer to twenty of the same, in turn at both processes.
async fn all_at_once(callers: &[Caller; 2], request: &Signed) -> Value {
    let send = |number: usize| {
        let (caller, request) = (callers[number % 2].clone(), request.clone());
        tokio::spawn(async move { data(caller.send(&request).await.unwrap()) })
    };
    let mut answers = Vec::new();
    for sent in (0..20).map(send).collect::<Vec<_>>() {
        answers.push(sent.await.unwrap());
    }
    assert!(answers.iter().all(|answer| *answer == answers[0]), "{answers:?}");
    answers.remove(0)
}

fn messages(wechat: &Control) -> usize {
    wechat.custom_messages(&MessageFilter::default()).total
}
