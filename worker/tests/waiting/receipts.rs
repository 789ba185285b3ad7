//! Messages and what WeChat tells of their delivery later.

use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};
use wxgate_job::{JobId, JobState};
use wxgate_sandbox::{Control, MessageFilter, TEMPLATE_ID};
use wxgate_store::model::intake::NewJob;
use wxgate_store::model::receipt::{Delivery, Receipt, Received};
use wxgate_worker::handler::Handlers;
use wxgate_worker::handlers::template_send::{self, TemplateSend};

use crate::support::{APP, World, job, sandbox};

const USER: &str = "oSandboxUser01";

fn message(receipt: bool) -> NewJob {
    let payload =
        json!({ "touser": USER, "template_id": TEMPLATE_ID, "data": { "thing1": { "value": "咖啡" } } });
    NewJob { payload: payload.to_string(), receipt, ..job(template_send::KIND, 1) }
}

/// The handlers, over a WeChat at this address.
fn handlers(world: &World, wechat: &str) -> Handlers {
    Handlers::new(vec![Arc::new(TemplateSend::new(world.wechat(wechat)))])
}

fn reached(wechat: &Control) -> usize {
    wechat.messages(&MessageFilter { limit: 10, ..MessageFilter::default() }).total
}

fn result(text: Option<&str>) -> Value {
    serde_json::from_str(text.unwrap()).unwrap()
}

async fn receipt(world: &World, id: JobId, delivery: Delivery) -> Received {
    let view = world.store.views(&[id]).await.unwrap().remove(0);
    let msgid: i64 = result(view.result.as_deref())["msgid"].as_str().unwrap().parse().unwrap();
    let (app, openid) = (APP.to_owned(), USER.to_owned());
    let receipt = Receipt { app, openid, msgid, delivery, push: i128::from(msgid).to_be_bytes() };
    world.store.receive(&receipt).await.unwrap()
}

#[tokio::test]
async fn a_send_that_waits_for_its_receipt_ends_as_that_says_and_is_sent_once() {
    for (delivery, state) in
        [(Delivery::Success, JobState::Succeeded), (Delivery::UserBlocked, JobState::Failed)]
    {
        let (mut world, wechat) = (World::new().await, sandbox());
        let id = world.accept(message(true)).await;
        let worker = world.work(handlers(&world, &wechat.url())).await;
        world.until(id, JobState::Waiting).await;
        let Received::Woke(doorbell) = receipt(&world, id, delivery).await else { panic!() };
        world.ring(doorbell);
        let end = world.until(id, state).await;
        assert_eq!(result(end.result.as_deref())["delivery"], delivery.as_str());
        let code = end.failure.map(|failure| failure.code);
        assert_eq!(code.as_deref(), (state == JobState::Failed).then_some("user_blocked"));
        assert_eq!(reached(&wechat.control()), 1);
        worker.stop(Duration::ZERO).await;
    }
}

#[tokio::test]
async fn without_a_receipt_the_delivery_is_unknown_until_one_comes_all_the_same() {
    let (mut world, wechat) = (World::new().await, sandbox());
    let id = world.accept(message(true)).await;
    let worker = world.work(handlers(&world, &wechat.url())).await;
    world.until(id, JobState::Waiting).await;
    // As when a day has passed: the job is looked at without any news.
    world.store.retry_job(id, None).await.unwrap();
    let end = world.until(id, JobState::Succeeded).await;
    assert_eq!(result(end.result.as_deref())["delivery"], "unknown");
    assert_eq!(receipt(&world, id, Delivery::SystemFailed).await, Received::Joined);
    let end = world.until(id, JobState::Succeeded).await;
    assert_eq!(result(end.result.as_deref())["delivery"], "system_failed");
    assert_eq!(reached(&wechat.control()), 1);
    worker.stop(Duration::ZERO).await;
}

#[tokio::test]
async fn a_send_that_waits_for_no_receipt_gets_it_into_its_result() {
    let (mut world, wechat) = (World::new().await, sandbox());
    let id = world.accept(message(false)).await;
    let worker = world.work(handlers(&world, &wechat.url())).await;
    world.until(id, JobState::Succeeded).await;
    assert_eq!(receipt(&world, id, Delivery::Success).await, Received::Joined);
    let end = world.until(id, JobState::Succeeded).await;
    assert_eq!(result(end.result.as_deref())["delivery"], "success");
    worker.stop(Duration::ZERO).await;
}
