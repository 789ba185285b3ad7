//! What `async_send_tpl` accepts, and what becomes of it.

use serde_json::Value;
use wxgate_job::JobState;

use crate::request::{MESSAGE, Request};
use crate::support::{TestGateway, now_s};

const DAY: i64 = 86_400;

#[tokio::test]
async fn an_accepted_message_is_stored_as_wechat_takes_it_and_rung_for() {
    let gateway = TestGateway::start().await;
    let id = gateway.accepted(&Request::send().with("callback_url", "https://shop.example/hook")).await;

    let job = gateway.job(id).await;
    assert_eq!(job.subject, "oSandboxUser01");
    let lane = &job.view.lane;
    assert_eq!(
        (lane.client.as_str(), lane.app.as_str(), lane.kind.as_str()),
        ("shop", "wx1", "async_send_tpl")
    );
    assert_eq!(job.view.state, JobState::Queued);
    assert_eq!(gateway.rung(), [id]);

    let mut body: Value = serde_json::from_str(&job.payload).unwrap();
    let msg_id = body.as_object_mut().unwrap().remove("client_msg_id").unwrap();
    assert_eq!(hex::decode(msg_id.as_str().unwrap()).unwrap().len(), 16);
    assert_eq!(body, serde_json::from_str::<Value>(MESSAGE).unwrap());
    let (_, claimed) = gateway.claim(id).await;
    assert_eq!(claimed.callback_url.as_deref(), Some("https://shop.example/hook"));
    assert!(!claimed.receipt && !claimed.expires);
}

#[tokio::test]
async fn every_message_gets_an_id_of_its_own_unless_it_has_one() {
    let gateway = TestGateway::start().await;
    let msg_id = async |request: &Request| {
        let job = gateway.job(gateway.accepted(request).await).await;
        serde_json::from_str::<Value>(&job.payload).unwrap()["client_msg_id"].clone()
    };
    assert_ne!(msg_id(&Request::send()).await, msg_id(&Request::send().with("n", 2)).await);
    let own = r#"{"touser":"o","template_id":"t","client_msg_id":"mine"}"#;
    assert_eq!(msg_id(&Request::send().with("tpl_data", own)).await, "mine");
}

#[tokio::test]
async fn escapes_are_undone_and_long_numbers_kept() {
    let gateway = TestGateway::start().await;
    let escaped = r#"{"touser":"o","template_id":"t","client_msg_id":"m","data":{"n":12345678901234567890123,"a":"\u5496\u5561\n"}}"#;
    let id = gateway.accepted(&Request::send().with("tpl_data", escaped)).await;
    let sent = r#"{"touser":"o","template_id":"t","client_msg_id":"m","data":{"n":12345678901234567890123,"a":"咖啡\n"}}"#;
    assert_eq!(gateway.job(id).await.payload, sent);
}

#[tokio::test]
async fn malformed_messages_are_refused_with_their_fault() {
    let gateway = TestGateway::start().await;
    let deep = format!(r#"{{"touser":"o","template_id":"t","data":{}1{}}}"#, "[".repeat(32), "]".repeat(32));
    for (tpl_data, why) in [
        ("hello", "tpl_data: must be a JSON object"),
        (r#"{"touser":"o""#, "tpl_data: is not JSON"),
        (r#"{"template_id":"t"}"#, "touser must be"),
        (r#"{"touser":"o","template_id":""}"#, "template_id must be"),
        (r#"{"touser":"o","template_id":"t","data":"\u0000"}"#, "u0000"),
        (&deep, "deeper than 32"),
    ] {
        gateway.refused(&Request::send().with("tpl_data", tpl_data), 400, why).await;
    }
}

#[tokio::test]
async fn an_openid_of_any_length_is_accepted() {
    let gateway = TestGateway::start().await;
    let message = format!(r#"{{"touser":"{}","template_id":"t"}}"#, "值".repeat(50_000));
    let id = gateway.accepted(&Request::send().with("tpl_data", message)).await;
    assert_eq!(gateway.job(id).await.subject, "值".repeat(42));
}

#[tokio::test]
async fn a_scheduled_message_is_due_then_and_not_rung_for() {
    let gateway = TestGateway::start().await;
    let at = now_s() + DAY;
    let id = gateway.accepted(&Request::send().with("send_at", at).with("expire_at", at + 1)).await;
    assert_eq!(gateway.job(id).await.view.due_at, at * 1000);
    assert!(gateway.rung().is_empty());

    let past = gateway.accepted(&Request::send().with("send_at", now_s() - DAY)).await;
    assert_eq!(gateway.rung(), [past]);
}

#[tokio::test]
async fn times_that_cannot_be_met_are_refused() {
    let gateway = TestGateway::start().await;
    let now = now_s();
    let send = |name: &str, value: String| Request::send().with(name, value);
    gateway.accepted(&send("send_at", (now + 30 * DAY).to_string())).await;
    gateway
        .refused(&send("send_at", (now + 30 * DAY + 60).to_string()), 400, "send_at: lies more than 30")
        .await;
    gateway.refused(&send("send_at", format!("{now}000")), 400, "send_at: must be Unix seconds").await;
    gateway.refused(&send("send_at", "tomorrow".to_owned()), 400, "send_at: must be Unix seconds").await;
    gateway.refused(&send("send_at", format!("-{now}")), 400, "send_at: must be Unix seconds").await;
    gateway.refused(&send("expire_at", now.to_string()), 400, "expire_at: must lie after now").await;
    let scheduled = send("send_at", (now + DAY).to_string());
    gateway.refused(&scheduled.clone().with("expire_at", now + DAY), 400, "expire_at: must lie after").await;
    gateway.accepted(&scheduled.with("expire_at", now + DAY + 1)).await;
}

#[tokio::test]
async fn a_receipt_can_be_waited_for_only_where_one_can_come() {
    let gateway = TestGateway::start().await;
    let request = Request::send().with("receipt", 1);
    gateway.refused(&request, 400, "receipt: no event token").await;
    gateway.refused(&Request::send().with("receipt", "yes"), 400, "receipt: must be 0 or 1").await;
    gateway.accepted(&Request::send().with("receipt", 0)).await;
    let id = gateway.accepted(&request.with("client_code", "receipts")).await;
    assert!(gateway.claim(id).await.1.receipt);
}

#[tokio::test]
async fn callbacks_lead_to_public_addresses_only() {
    let gateway = TestGateway::start().await;
    for url in [
        "http://127.0.0.1/hook",
        "https://[::1]/",
        "http://10.0.0.1:8080/",
        "169.254.169.254/latest/meta-data",
        "http://2130706433/",
    ] {
        gateway
            .refused(&Request::send().with("callback_url", url), 400, "callback_url: the URL leads to")
            .await;
    }
    for url in ["ftp://shop.example/", "javascript:alert(1)"] {
        gateway.refused(&Request::send().with("callback_url", url), 400, "must begin with http://").await;
    }
    gateway.refused(&Request::send().with("callback_url", "http://a@shop.example/"), 400, "user name").await;
    let long = format!("http://shop.example/{}", "x".repeat(2048));
    gateway.refused(&Request::send().with("callback_url", long), 400, "longer than").await;

    let id = gateway.accepted(&Request::send().with("callback_url", "www.verystar.cn:8080/hook?a=1")).await;
    let (_, claimed) = gateway.claim(id).await;
    assert_eq!(claimed.callback_url.as_deref(), Some("http://www.verystar.cn:8080/hook?a=1"));
}

#[tokio::test]
async fn a_name_that_leads_to_private_addresses_is_refused() {
    let gateway = TestGateway::start().await.second_process([10, 0, 0, 1]);
    let request = Request::send().with("callback_url", "https://inside.example/hook");
    gateway.refused(&request, 400, "callback_url: the URL leads to an address that is not public").await;
}

#[tokio::test]
async fn a_store_that_is_away_is_503_with_a_time_to_come_again() {
    let gateway = TestGateway::start().await;
    gateway.store.close().await;
    for request in [Request::send(), Request::to("cancel_job").with("job_id", 1)] {
        let reply = gateway.send(&request.post()).await;
        assert_eq!((reply.status, reply.envelope().retcode), (503, 503), "{request:?}");
        assert!(reply.head.contains("retry-after: 5"), "{reply:?}");
        assert!(reply.envelope().msg.contains("nothing was stored"));
    }
}
