use wxgate_sandbox::{APP_ID, CallFilter, Control};
use wxgate_tests::{Pairing, Plan};

use crate::support::reached_all;

crate::on_both_pairings!(
    a_token_that_ends_under_two_hundred_messages_is_fetched_once,
    an_app_can_use_stable_tokens,
);

fn fetches(wechat: &Control, path: &str) -> usize {
    wechat.calls(&CallFilter { path: Some(path.to_owned()), ..CallFilter::default() }).total
}

async fn a_token_that_ends_under_two_hundred_messages_is_fetched_once(pairing: Pairing) {
    let gateway = Plan::new(pairing).start().await;
    let first = gateway.caller.message("oSandboxUser01", &[]).await;
    gateway.caller.finished(first).await;
    assert_eq!(fetches(&gateway.wechat, "/cgi-bin/token"), 1);

    // Old enough to be renewed, and refused from now on.
    gateway.database.execute("UPDATE tokens SET stored_at = stored_at - 120000").await;
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
    assert_eq!(fetches(&gateway.wechat, "/cgi-bin/token"), 2);
    assert_eq!(reached_all(&gateway.wechat), 201);
    gateway.end().await;
}

async fn an_app_can_use_stable_tokens(pairing: Pairing) {
    let gateway = Plan::new(pairing).app("--token", "stable").start().await;
    let id = gateway.caller.message("oSandboxUser01", &[]).await;
    assert_eq!(gateway.caller.finished(id).await["state"], "succeeded");
    assert_eq!(fetches(&gateway.wechat, "/cgi-bin/stable_token"), 1);
    gateway.end().await;
}
