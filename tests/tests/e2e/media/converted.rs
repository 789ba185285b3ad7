//! `download_amr_to_mp3` and `check_upyun_status`.

use serde_json::{Value, json};
use wxgate_sandbox::{Control, Fault, NewMedia, Rule, Sample, Spot, UpyunChange, UpyunFilter};
use wxgate_signing::{Form, md5};
use wxgate_tests::{Answer, Gateway, Pairing, Plan, Post, fetch, probe};

use super::sent;
use crate::support::until;

crate::on_both_pairings!(
    voice_becomes_mp3_on_this_machine,
    voice_becomes_mp3_at_upyun,
    a_notify_that_got_lost_is_made_up_for_by_looking,
    a_notify_that_comes_twice_changes_nothing,
    a_forged_notify_changes_nothing,
    a_late_notify_is_not_waited_for,
    upyun_in_trouble_is_asked_again,
    a_task_that_failed_fails_the_job_and_says_why,
    one_conversion_serves_all_who_ask_for_it,
    what_is_no_voice_fails_at_once,
    without_ffmpeg_and_upyun_the_job_fails_and_says_so,
    check_says_whether_upyun_takes_the_credentials,
    a_conversion_that_nobody_asked_for_is_not_found,
);

/// How much the sample's voice lasts (s): `sandbox/samples/README.md`.
const VOICE_S: f64 = 5.0;

async fn convert(gateway: &Gateway, media_id: &str) {
    let params = [("media_id", media_id), ("notify_url", &gateway.callback_url())];
    let answer = gateway.caller.call("download_amr_to_mp3", &params).await;
    assert_eq!((answer.retcode, &answer.data), (200, &Value::Null), "{answer:?}");
}

async fn check(gateway: &Gateway, media_id: &str) -> Answer {
    gateway.caller.call("check_upyun_status", &[("media_id", media_id)]).await
}

/// What the caller is told of a success, once all of it is found right: signature, address, sound.
async fn told(gateway: &Gateway, post: &Post, media_id: &str) -> String {
    let form = Form::parse(post.body.as_bytes()).unwrap();
    let secret = wxgate_secret::Secret::new(gateway.callback_secret.as_str());
    assert_eq!(md5::authcode(form.pairs(), &secret).to_string(), post.authcode());
    assert_eq!((post.field("state"), post.field("media_id")), ("succeeded".into(), media_id.to_owned()));
    let url = post.field("file_url");
    let sound = probe(&fetch(&url).await.bytes().await.unwrap());
    assert_eq!(sound.codec, "mp3");
    assert!((sound.duration - VOICE_S).abs() <= VOICE_S * 0.05, "{sound:?}");
    url
}

/// Lets time pass for jobs that wait for news.
async fn look_now(gateway: &Gateway) {
    gateway.database.execute("UPDATE jobs SET due_at = 0 WHERE state = 'waiting'").await;
}

/// Calls of this kind that Upyun got.
fn calls(wechat: &Control, spot: Spot) -> usize {
    wechat.upyun_calls(&UpyunFilter { spot: Some(spot), ..UpyunFilter::default() }).total
}

/// Conversions that Upyun was asked for.
fn tasks(wechat: &Control) -> usize {
    wechat.upyun_tasks(&UpyunFilter::default()).total
}

/// Notifies of Upyun's that were answered with this status.
fn notified(wechat: &Control, status: u16) -> usize {
    let notifies = wechat.upyun_notifies(&UpyunFilter::default()).entries;
    notifies.iter().filter(|notify| notify.answered == Some(status)).count()
}

async fn voice_becomes_mp3_on_this_machine(pairing: Pairing) {
    let gateway = Plan::new(pairing).start().await;
    let media_id = sent(&gateway.wechat, Sample::Voice);
    convert(&gateway, &media_id).await;
    let post = gateway.receiver.wait_for(1).await.remove(0);
    let url = told(&gateway, &post, &media_id).await;
    assert!(url.starts_with(&format!("{}/media/", gateway.caller.base)), "{url}");
    let status = check(&gateway, &media_id).await;
    assert_eq!((status.retcode, status.data), (200, json!(url)));
    gateway.end().await;
}

async fn voice_becomes_mp3_at_upyun(pairing: Pairing) {
    let gateway = Plan::new(pairing).upyun().start().await;
    let media_id = sent(&gateway.wechat, Sample::Voice);
    convert(&gateway, &media_id).await;
    let post = gateway.receiver.wait_for(1).await.remove(0);
    let url = told(&gateway, &post, &media_id).await;
    assert!(url.contains("/public/sandbox/"), "{url}");
    assert_eq!((notified(&gateway.wechat, 200), calls(&gateway.wechat, Spot::Status)), (1, 0));
    assert_eq!(check(&gateway, &media_id).await.data, json!(url));
    gateway.end().await;
}

async fn a_notify_that_got_lost_is_made_up_for_by_looking(pairing: Pairing) {
    let gateway = Plan::new(pairing).upyun().start().await;
    gateway.wechat.add_faults([Rule::new(Fault::Drop).upyun(Spot::Notify)]).unwrap();
    let media_id = sent(&gateway.wechat, Sample::Voice);
    convert(&gateway, &media_id).await;
    until(&gateway.wechat, "the conversion", |wechat| wechat.upyun().conversions == 1).await;
    let early = check(&gateway, &media_id).await;
    assert_eq!(early.retcode, 202, "{early:?}");
    let job = early.data["job_id"].as_i64().unwrap();
    gateway.caller.changed(job, "running").await;
    look_now(&gateway).await;
    let post = gateway.receiver.wait_for(1).await.remove(0);
    told(&gateway, &post, &media_id).await;
    assert!(calls(&gateway.wechat, Spot::Result) > 0);
    gateway.end().await;
}

async fn a_notify_that_comes_twice_changes_nothing(pairing: Pairing) {
    let gateway = Plan::new(pairing).upyun().start().await;
    gateway.wechat.add_faults([Rule::new(Fault::Twice).upyun(Spot::Notify)]).unwrap();
    let media_id = sent(&gateway.wechat, Sample::Voice);
    convert(&gateway, &media_id).await;
    until(&gateway.wechat, "both notifies", |wechat| notified(wechat, 200) == 2).await;
    let posts = gateway.receiver.wait_for(1).await;
    told(&gateway, &posts[0], &media_id).await;
    assert_eq!((gateway.receiver.posts().len(), tasks(&gateway.wechat)), (1, 1));
    gateway.end().await;
}

async fn a_forged_notify_changes_nothing(pairing: Pairing) {
    let gateway = Plan::new(pairing).upyun().start().await;
    let once = UpyunChange { notify_attempts: Some(1), ..UpyunChange::default() };
    gateway.wechat.change_upyun(once).unwrap();
    gateway.wechat.add_faults([Rule::new(Fault::Forge).upyun(Spot::Notify)]).unwrap();
    let media_id = sent(&gateway.wechat, Sample::Voice);
    convert(&gateway, &media_id).await;

    until(&gateway.wechat, "the forged notify", |wechat| notified(wechat, 403) == 1).await;

    assert_eq!(check(&gateway, &media_id).await.retcode, 202);
    assert!(gateway.receiver.posts().is_empty());
    gateway.end().await;
}

async fn a_late_notify_is_not_waited_for(pairing: Pairing) {
    let gateway = Plan::new(pairing).upyun().start().await;
    gateway.wechat.add_faults([Rule::new(Fault::DelayMs(8_000)).upyun(Spot::Notify)]).unwrap();
    let media_id = sent(&gateway.wechat, Sample::Voice);
    convert(&gateway, &media_id).await;
    until(&gateway.wechat, "the conversion", |wechat| wechat.upyun().conversions == 1).await;
    let job = check(&gateway, &media_id).await.data["job_id"].as_i64().unwrap();
    gateway.caller.changed(job, "running").await;
    look_now(&gateway).await;
    let status = gateway.caller.finished(job).await;
    assert_eq!(status["state"], "succeeded", "{status}");
    assert_eq!(notified(&gateway.wechat, 200), 0, "it was not waited for");
    until(&gateway.wechat, "the notify", |wechat| notified(wechat, 200) == 1).await;
    assert_eq!(gateway.caller.status(job).await["updated_at"], status["updated_at"]);
    gateway.end().await;
}

async fn upyun_in_trouble_is_asked_again(pairing: Pairing) {
    let gateway = Plan::new(pairing).upyun().start().await;
    let trouble = |spot, fault| Rule::new(fault).upyun(spot).times(1);
    gateway
        .wechat
        .add_faults([
            trouble(Spot::Put, Fault::Status(503)),
            trouble(Spot::Submit, Fault::Status(429)),
            trouble(Spot::Submit, Fault::Drop),
        ])
        .unwrap();
    let media_id = sent(&gateway.wechat, Sample::Voice);
    convert(&gateway, &media_id).await;
    for tries in 1..=3 {
        let tried = |wechat: &Control| calls(wechat, Spot::Put) >= tries;
        until(&gateway.wechat, "the next attempt", tried).await;
        gateway.database.execute("UPDATE jobs SET due_at = 0 WHERE state = 'queued'").await;
    }
    let post = gateway.receiver.wait_for(1).await.remove(0);
    told(&gateway, &post, &media_id).await;
    gateway.end().await;
}

async fn a_task_that_failed_fails_the_job_and_says_why(pairing: Pairing) {
    let gateway = Plan::new(pairing).upyun().start().await;
    gateway.wechat.add_faults([Rule::new(Fault::Status(500)).upyun(Spot::Task)]).unwrap();
    let media_id = sent(&gateway.wechat, Sample::Voice);
    convert(&gateway, &media_id).await;
    let post = gateway.receiver.wait_for(1).await.remove(0);
    assert_eq!(post.field("state"), "failed");
    assert!(post.field("errmsg").contains("transcoding failed"), "{post:?}");
    let answer = check(&gateway, &media_id).await;
    assert_eq!(answer.retcode, 502);
    assert!(answer.msg.contains("transcoding failed"), "{answer:?}");
    gateway.end().await;
}

async fn one_conversion_serves_all_who_ask_for_it(pairing: Pairing) {
    let gateway = Plan::new(pairing).upyun().start().await;
    gateway.wechat.add_faults([Rule::new(Fault::DelayMs(1_500)).upyun(Spot::Task)]).unwrap();
    let media_id = sent(&gateway.wechat, Sample::Voice);
    convert(&gateway, &media_id).await;
    convert(&gateway, &media_id).await;
    let posts = gateway.receiver.wait_for(2).await;
    let first = told(&gateway, &posts[0], &media_id).await;
    assert_eq!(told(&gateway, &posts[1], &media_id).await, first);

    convert(&gateway, &media_id).await;
    let posts = gateway.receiver.wait_for(3).await;
    assert_eq!(told(&gateway, &posts[2], &media_id).await, first, "the kept result");
    assert_eq!(tasks(&gateway.wechat), 1);
    gateway.end().await;
}

async fn what_is_no_voice_fails_at_once(pairing: Pairing) {
    let gateway = Plan::new(pairing).start().await;
    let noise = NewMedia { bytes: vec![7_u8; 4_000].into(), ..NewMedia::sample(Sample::Voice) };
    let media_id = gateway.wechat.put_media(noise).unwrap().media_id;
    convert(&gateway, &media_id).await;
    let post = gateway.receiver.wait_for(1).await.remove(0);
    assert_eq!(post.field("state"), "failed");
    assert!(post.field("errmsg").contains("cannot be decoded"), "{post:?}");
    gateway.end().await;
}

async fn without_ffmpeg_and_upyun_the_job_fails_and_says_so(pairing: Pairing) {
    let gateway = Plan::new(pairing).set("PATH", "/nonexistent").start().await;
    let media_id = sent(&gateway.wechat, Sample::Voice);
    convert(&gateway, &media_id).await;
    let post = gateway.receiver.wait_for(1).await.remove(0);
    assert_eq!(post.field("state"), "failed");
    assert!(post.field("errmsg").contains("install ffmpeg, or set up Upyun"), "{post:?}");
    gateway.end().await;
}

async fn check_says_whether_upyun_takes_the_credentials(pairing: Pairing) {
    let sound = Plan::new(pairing).upyun().start().await;
    let (success, report, _) = sound.try_run(&["check"]);
    assert!(success && report.contains("takes bucket, operator and password"), "{report}");
    sound.end().await;
    let wrong = Plan::new(pairing).upyun().set("WXGATE_UPYUN_PASSWORD", "another").start().await;
    let (success, report, _) = wrong.try_run(&["check"]);
    assert!(!success && report.contains("WXGATE_UPYUN_PASSWORD"), "{report}");
    wrong.end().await;
}

async fn a_conversion_that_nobody_asked_for_is_not_found(pairing: Pairing) {
    let gateway = Plan::new(pairing).start().await;
    let other = gateway.add_client("other", wxgate_sandbox::APP_ID, &[]);
    other.wait_until_known().await;
    let media_id = sent(&gateway.wechat, Sample::Voice);
    convert(&gateway, &media_id).await;
    let answer = other.call("check_upyun_status", &[("media_id", &media_id)]).await;
    assert_eq!(answer.retcode, 404, "{answer:?}");
    gateway.end().await;
}
