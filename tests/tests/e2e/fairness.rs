use std::time::{Duration, Instant};

use wxgate_sandbox::{APP_ID, App, Fault, Rule};
use wxgate_tests::{Pairing, Plan};

use crate::support::{SEND, reached, until};

crate::on_both_pairings!(a_hundred_flooders_and_a_hanging_app_do_not_hold_up_a_single_message);

const HANGING: &str = "wx5andb0x0000hang";
const FLOODERS: usize = 100;

async fn a_hundred_flooders_and_a_hanging_app_do_not_hold_up_a_single_message(pairing: Pairing) {
    let gateway = Plan::new(pairing).set("WXGATE_CONCURRENCY", "64").start().await;
    let hanging = App { app_id: HANGING.to_owned(), ..gateway.wechat.app(APP_ID).unwrap() };
    gateway.wechat.add_app(hanging).unwrap();
    gateway.run(&["app", "add", "--app-id", HANGING, "--secret", wxgate_sandbox::APP_SECRET]);
    let hangs = Rule::new(Fault::Hang).app(HANGING).path(SEND);
    let slow = Rule::new(Fault::DelayMs(100)).app(APP_ID).path(SEND);
    gateway.wechat.add_faults([hangs, slow]).unwrap();
    let stuck = gateway.add_client("stuck", HANGING, &[]);
    let flooders: Vec<_> =
        (0..FLOODERS).map(|n| gateway.add_client(&format!("flooder{n}"), APP_ID, &[])).collect();
    stuck.wait_until_known().await;
    flooders[FLOODERS - 1].wait_until_known().await;

    for number in 0..100 {
        stuck.message(&format!("oSandboxUser{:02}", number % 9 + 1), &[]).await;
    }
    let floods = flooders.into_iter().map(|flooder| async move {
        for number in 0..20 {
            flooder.message(&format!("oSandboxUser{:02}", number % 9 + 10), &[]).await;
        }
    });
    futures_util::future::join_all(floods).await;
    let busy = gateway.database.number("SELECT count(*) FROM jobs WHERE state = 'queued'").await;
    assert!(busy > 1000, "the flood is no flood: {busy}");

    let began = Instant::now();
    gateway.caller.message("oSandboxUser99", &[]).await;
    until(&gateway.wechat, "the single message", |wechat| !reached(wechat, "oSandboxUser99").is_empty())
        .await;
    let took = began.elapsed();
    assert!(took < Duration::from_secs(1), "{took:?}");
    let left = gateway.database.number("SELECT count(*) FROM jobs WHERE state = 'queued'").await;
    assert!(left > 500, "the flood was over before the message came: {left}");
    gateway.end().await;
}
