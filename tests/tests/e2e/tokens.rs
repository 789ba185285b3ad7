use std::time::Duration;

use wxgate_sandbox::{APP_ID, CARD_ID, CardReceipt};
use wxgate_tests::{Gateway, Pairing, Plan};

use crate::support::{TOKENS_ARE_OLD, calls, reached_all};

crate::on_both_pairings!(
    a_token_that_ends_under_two_hundred_messages_is_fetched_once,
    a_token_that_ends_between_two_calls_is_no_concern_of_the_callers,
    an_app_can_use_stable_tokens,
);

async fn a_token_that_ends_under_two_hundred_messages_is_fetched_once(pairing: Pairing) {
    let gateway = Plan::new(pairing).start().await;
    let first = gateway.caller.message("oSandboxUser01", &[]).await;
    gateway.caller.finished(first).await;
    assert_eq!(calls(&gateway.wechat, "/cgi-bin/token"), 1);

    // Old enough to be renewed, and refused from now on.
    gateway.database.execute(TOKENS_ARE_OLD).await;
    gateway.wechat.rotate_tokens(APP_ID).unwrap();
    let sends: Vec<_> = (0..200)
        .map(|number| {
            let caller = gateway.caller.clone();
            let openid = format!("oSandboxUser{:02}", number % 99 + 1);
            tokio::spawn(async move {
                let id = caller.message(&openid, &[]).await;
                caller.finished(id).await
            })
        })
        .collect();
    for send in sends {
        assert_eq!(send.await.unwrap()["state"], "succeeded");
    }
    assert_eq!(calls(&gateway.wechat, "/cgi-bin/token"), 2);
    assert_eq!(reached_all(&gateway.wechat), 201);
    gateway.end().await;
}

async fn a_token_that_ends_between_two_calls_is_no_concern_of_the_callers(pairing: Pairing) {
    let gateway = Plan::new(pairing).start().await;
    looks_up_and_consumes(&gateway).await;

    // WeChat's two hours pass (42001), then somebody else fetches a token (40001).
    gateway.database.execute(TOKENS_ARE_OLD).await;
    gateway.wechat.advance(Duration::from_hours(3)).unwrap();
    looks_up_and_consumes(&gateway).await;
    gateway.database.execute(TOKENS_ARE_OLD).await;
    gateway.wechat.rotate_tokens(APP_ID).unwrap();
    looks_up_and_consumes(&gateway).await;

    assert_eq!(calls(&gateway.wechat, "/cgi-bin/token"), 3);
    gateway.end().await;
}

async fn looks_up_and_consumes(gateway: &Gateway) {
    let card = CardReceipt { card_id: CARD_ID.to_owned(), ..CardReceipt::default() };
    let card = gateway.wechat.receive_card(&card).unwrap();
    let params = [("code", card.code.as_str()), ("card_id", CARD_ID)];
    for (interface, params) in [("get_card_info", &params[1..]), ("consume_card_code", &params)] {
        let answer = gateway.caller.call(interface, params).await;
        assert_eq!((answer.retcode, &answer.data["errcode"]), (200, &0.into()), "{answer:?}");
    }
}

async fn an_app_can_use_stable_tokens(pairing: Pairing) {
    let gateway = Plan::new(pairing).app("--token", "stable").start().await;
    let id = gateway.caller.message("oSandboxUser01", &[]).await;
    assert_eq!(gateway.caller.finished(id).await["state"], "succeeded");
    assert_eq!(calls(&gateway.wechat, "/cgi-bin/stable_token"), 1);
    gateway.end().await;
}
