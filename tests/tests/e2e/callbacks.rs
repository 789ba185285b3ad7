use wxgate_tests::{Pairing, Plan, Receiver};

crate::on_both_pairings!(
    a_dead_endpoint_holds_up_no_other,
    a_callback_is_tried_again_and_can_be_replayed,
    a_callback_to_a_private_address_is_refused,
);

async fn a_dead_endpoint_holds_up_no_other(pairing: Pairing) {
    let gateway = Plan::new(pairing).set("WXGATE_CONCURRENCY", "16").start().await;
    let dead = Receiver::start();
    dead.hang();
    let dead_url = format!("{}/hook", dead.url);
    for number in 1..=40 {
        gateway.caller.message(&format!("oSandboxUser{number:02}"), &[("callback_url", &dead_url)]).await;
    }
    dead.wait_for(1).await;
    for number in 41..=60 {
        let url = gateway.callback_url();
        gateway.caller.message(&format!("oSandboxUser{number:02}"), &[("callback_url", &url)]).await;
    }
    gateway.receiver.wait_for(20).await;
    // A quarter of the 16 slots, and none of them twice within the 15 s that a post may take.
    assert!(dead.posts().len() <= 8, "{}", dead.posts().len());
    gateway.end().await;
}

async fn a_callback_is_tried_again_and_can_be_replayed(pairing: Pairing) {
    let gateway = Plan::new(pairing).start().await;
    gateway.receiver.answer(500);
    let id = gateway.caller.message("oSandboxUser01", &[("callback_url", &gateway.callback_url())]).await;
    gateway.receiver.wait_for(1).await;
    gateway.receiver.answer(410);
    loop {
        gateway.database.execute("UPDATE callbacks SET due_at = 0 WHERE state = 'queued'").await;
        let callback =
            gateway.caller.call("get_job_status", &[("job_id", &id.to_string())]).await.data["callback"]
                .clone();
        if callback["state"] == "exhausted" {
            assert_eq!(
                (callback["attempts"].as_i64(), callback["last_status"].as_i64()),
                (Some(2), Some(410))
            );
            break;
        }
    }
    gateway.receiver.answer(200);
    gateway.run(&["callbacks", "retry", &id.to_string()]);
    let posts = gateway.receiver.wait_for(3).await;
    let ids: Vec<&str> = posts.iter().map(|post| post.headers["webhook-id"].as_str()).collect();
    assert!(ids.iter().all(|id| *id == ids[0]), "the id is the same over all attempts: {ids:?}");
    gateway.end().await;
}

async fn a_callback_to_a_private_address_is_refused(pairing: Pairing) {
    let gateway = Plan::new(pairing).start().await;
    let message = wxgate_tests::template("oSandboxUser01");
    for url in [
        "http://10.0.0.1/hook",
        "http://[::ffff:10.0.0.1]/",
        "http://0x0a000001/",
        "http://169.254.169.254/",
        "ftp://a.example/",
    ] {
        let answer =
            gateway.caller.call("async_send_tpl", &[("tpl_data", &message), ("callback_url", url)]).await;
        assert_eq!(answer.retcode, 400, "{url}: {answer:?}");
    }
    assert_eq!(gateway.database.number("SELECT count(*) FROM jobs").await, 0);
    gateway.end().await;
}
