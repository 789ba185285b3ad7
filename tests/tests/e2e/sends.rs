use serde_json::Value;
use wxgate_secret::Secret;
use wxgate_signing::{WebhookSecret, md5};
use wxgate_tests::{Pairing, Plan, Post, unix_seconds};

use crate::support::{hurry, reached, reached_all, sends, until};

crate::on_both_pairings!(
    a_signed_request_becomes_one_message_a_result_and_a_signed_callback,
    a_callback_can_be_json,
    a_scheduled_message_waits_for_its_time_and_can_be_cancelled,
    a_message_not_sent_by_its_end_is_never_sent,
    a_request_id_names_one_message,
    escapes_reach_wechat_as_plain_utf8,
    a_refused_message_fails_at_once_with_wechats_reason,
    busy_five_times_then_sent,
);

crate::on_servers!(one_request_at_two_processes_at_once_is_one_message);

fn verify(post: &Post, secret: &str) {
    let secret = Secret::new(secret);
    let header = |name: &str| post.headers[name].clone();
    let timestamp = header("webhook-timestamp").parse().unwrap();
    let webhook = WebhookSecret::parse(&secret).unwrap();
    assert!(webhook.verify(
        &header("webhook-id"),
        timestamp,
        post.body.as_bytes(),
        &header("webhook-signature")
    ));
    let form = match header("content-type").as_str() {
        "application/json" => {
            let fields: serde_json::Map<String, Value> = serde_json::from_str(&post.body).unwrap();
            fields
                .into_iter()
                .map(|(name, value)| (name, value.as_str().unwrap().to_owned()))
                .collect::<Vec<_>>()
        }
        _ => wxgate_signing::Form::parse(post.body.as_bytes())
            .unwrap()
            .pairs()
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect(),
    };
    let pairs = form.iter().map(|(name, value)| (name.as_str(), value.as_str()));
    assert_eq!(post.authcode(), md5::authcode(pairs, &secret).to_string());
}

async fn a_signed_request_becomes_one_message_a_result_and_a_signed_callback(pairing: Pairing) {
    let gateway = Plan::new(pairing).start().await;
    let id = gateway.caller.message("oSandboxUser01", &[("callback_url", &gateway.callback_url())]).await;

    let status = gateway.caller.finished(id).await;
    let posts = gateway.receiver.wait_for(1).await;
    let messages = reached(&gateway.wechat, "oSandboxUser01");
    assert_eq!((messages.len(), messages[0].repeats), (1, 0));
    let msgid = messages[0].msgid.to_string();
    assert_eq!((status["state"].as_str(), status["attempts"].as_i64()), (Some("succeeded"), Some(1)));
    assert_eq!(status["result"]["msgid"], msgid.as_str());
    assert_eq!(status["kind"], "async_send_tpl");
    assert_eq!(status["error"], Value::Null);

    let stored = gateway.run(&["jobs", "show", &id.to_string()]);
    assert!(stored.to_string().contains(&msgid), "{stored}");

    verify(&posts[0], &gateway.callback_secret);
    let told =
        ["job_id", "send_id", "state", "errcode", "msgid", "client_code"].map(|name| posts[0].field(name));
    assert_eq!(told, [&id.to_string(), &id.to_string(), "succeeded", "0", &msgid, "shop"]);
    gateway.end().await;
}

async fn a_callback_can_be_json(pairing: Pairing) {
    let gateway = Plan::new(pairing).start().await;
    let caller = gateway.add_client("json", wxgate_sandbox::APP_ID, &["--callback-format", "json"]);
    caller.wait_until_known().await;
    let id = caller.message("oSandboxUser01", &[("callback_url", &gateway.callback_url())]).await;
    let posts = gateway.receiver.wait_for(1).await;
    assert_eq!(posts[0].headers["content-type"], "application/json");
    assert_eq!(posts[0].field("send_id"), id.to_string());
    verify(&posts[0], &gateway.callback_secret);
    gateway.end().await;
}

async fn a_scheduled_message_waits_for_its_time_and_can_be_cancelled(pairing: Pairing) {
    let gateway = Plan::new(pairing).start().await;
    let later = (unix_seconds() + 3600).to_string();
    let scheduled = gateway.caller.message("oSandboxUser01", &[("send_at", &later)]).await;
    let callback_url = gateway.callback_url();
    let cancelled = gateway
        .caller
        .message("oSandboxUser02", &[("send_at", &later), ("callback_url", &callback_url)])
        .await;

    for _ in 0..2 {
        let answer = gateway.caller.call("cancel_job", &[("job_id", &cancelled.to_string())]).await;
        assert_eq!((answer.retcode, answer.data["state"].as_str()), (200, Some("cancelled")), "{answer:?}");
    }
    assert_eq!(gateway.receiver.wait_for(1).await[0].field("state"), "cancelled");
    assert_eq!(gateway.caller.status(scheduled).await["state"], "queued");
    assert!(sends(&gateway.wechat).is_empty());

    hurry(&gateway).await;
    assert_eq!(gateway.caller.finished(scheduled).await["state"], "succeeded");
    assert_eq!(reached_all(&gateway.wechat), 1);
    assert_eq!(gateway.caller.call("cancel_job", &[("job_id", &scheduled.to_string())]).await.retcode, 409);
    gateway.end().await;
}

async fn a_message_not_sent_by_its_end_is_never_sent(pairing: Pairing) {
    let gateway = Plan::new(pairing).start().await;
    let now = unix_seconds();
    let (at, end) = ((now + 3600).to_string(), (now + 7200).to_string());
    let id = gateway.caller.message("oSandboxUser01", &[("send_at", &at), ("expire_at", &end)]).await;
    gateway.database.execute("UPDATE jobs SET due_at = 0, deadline_at = 1").await;
    let status = gateway.caller.finished(id).await;
    assert_eq!(
        (status["state"].as_str(), status["error"]["code"].as_str()),
        (Some("failed"), Some("expired"))
    );
    assert!(sends(&gateway.wechat).is_empty());
    gateway.end().await;
}

async fn a_request_id_names_one_message(pairing: Pairing) {
    let gateway = Plan::new(pairing).start().await;
    let order = async |openid: &str, req_time: u64| {
        let message = wxgate_tests::template(openid);
        let params = [("tpl_data", message.as_str()), ("request_id", "order-1")];
        let request = gateway.caller.sign_at("async_send_tpl", &params, req_time);
        gateway.caller.send(&request).await.unwrap()
    };
    let now = unix_seconds();
    let first = order("oSandboxUser01", now).await.data.as_i64().unwrap();
    assert_eq!(order("oSandboxUser01", now + 1).await.data.as_i64(), Some(first));
    assert_eq!(order("oSandboxUser02", now).await.retcode, 409);
    gateway.caller.finished(first).await;
    assert_eq!(reached_all(&gateway.wechat), 1);
    gateway.end().await;
}

async fn escapes_reach_wechat_as_plain_utf8(pairing: Pairing) {
    let gateway = Plan::new(pairing).start().await;
    let data = r#"{"touser":"oSandboxUser01","template_id":"sandbox-template","data":{"thing1":{"value":"\u5496\u5561"}}}"#;
    let answer = gateway.caller.call("async_send_tpl", &[("tpl_data", data)]).await;
    gateway.caller.finished(answer.data.as_i64().unwrap()).await;
    let body = &sends(&gateway.wechat)[0].body;
    assert!(body.contains("咖啡") && !body.contains("\\u"), "{body}");
    gateway.end().await;
}

async fn a_refused_message_fails_at_once_with_wechats_reason(pairing: Pairing) {
    let gateway = Plan::new(pairing).start().await;
    let id = gateway.caller.message("oNobody", &[("callback_url", &gateway.callback_url())]).await;
    let status = gateway.caller.finished(id).await;
    assert_eq!((status["state"].as_str(), status["attempts"].as_i64()), (Some("failed"), Some(1)));
    assert_eq!(status["error"]["errcode"], 40003);
    assert_eq!(gateway.receiver.wait_for(1).await[0].field("errcode"), "40003");
    gateway.end().await;
}

async fn busy_five_times_then_sent(pairing: Pairing) {
    use wxgate_sandbox::{Fault, Rule};
    let gateway = Plan::new(pairing).start().await;
    gateway.wechat.add_faults([Rule::new(Fault::Errcode(-1)).path(crate::support::SEND).times(5)]).unwrap();
    let id = gateway.caller.message("oSandboxUser01", &[]).await;
    for attempts in 1..=5 {
        until(&gateway.wechat, "the next attempt", |wechat| sends(wechat).len() >= attempts).await;
        let waiting = gateway.caller.changed(id, "running").await;
        assert_eq!(waiting["state"], "queued");
        assert_eq!(waiting["error"]["errcode"], -1);
        hurry(&gateway).await;
    }
    let status = gateway.caller.finished(id).await;
    assert_eq!((status["state"].as_str(), status["attempts"].as_i64()), (Some("succeeded"), Some(6)));
    assert_eq!(reached_all(&gateway.wechat), 1);
    gateway.end().await;
}

async fn one_request_at_two_processes_at_once_is_one_message() {
    let mut gateway = Plan::new(Pairing::Servers).start().await;
    let second = gateway.start_intake().await;
    let first = gateway.caller.clone();
    let second = first.at(&format!("http://{second}"));
    let message = wxgate_tests::template("oSandboxUser01");
    let request = first.sign("async_send_tpl", &[("tpl_data", &message)]);
    let tries: Vec<_> = (0..20)
        .map(|number| {
            let (caller, request) =
                (if number % 2 == 0 { first.clone() } else { second.clone() }, request.clone());
            tokio::spawn(async move { caller.send(&request).await.unwrap() })
        })
        .collect();
    let mut ids = std::collections::HashSet::new();
    for one in tries {
        let answer = one.await.unwrap();
        assert_eq!(answer.retcode, 200, "{answer:?}");
        ids.insert(answer.data.as_i64().unwrap());
    }
    assert_eq!(ids.len(), 1);
    gateway.caller.finished(*ids.iter().next().unwrap()).await;
    assert_eq!(reached_all(&gateway.wechat), 1);
    gateway.end().await;
}
