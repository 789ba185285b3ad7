//! `download_media`.

use serde_json::{Value, json};
use wxgate_sandbox::{Fault, NewMedia, Rule, Sample, Spot, UpyunFilter};
use wxgate_tests::{Answer, Gateway, Pairing, Plan, fetch};

use super::{GET, sent};
use crate::support::until;

crate::on_both_pairings!(
    each_kind_of_medium_is_answered_with_what_it_is,
    media_kept_here_are_served_so_that_nothing_in_them_runs,
    media_go_to_upyun_when_it_is_set_up,
    a_caller_that_waited_long_enough_polls,
    with_a_notify_url_the_answer_comes_at_once_and_the_result_later,
    a_medium_that_is_gone_fails_at_once_and_says_why,
    a_video_is_fetched_from_public_addresses_only,
    an_original_recording_is_had_by_asking_for_it,
    a_body_without_end_is_cut_off,
    a_worker_killed_in_mid_upload_leaves_nothing_visible_and_the_job_goes_on,
    the_memory_stays_flat_whatever_the_size,
);

async fn download(gateway: &Gateway, media_id: &str) -> Answer {
    gateway.caller.call("download_media", &[("media_id", media_id)]).await
}

async fn each_kind_of_medium_is_answered_with_what_it_is(pairing: Pairing) {
    let gateway = Plan::new(pairing).start().await;
    for (sample, content_type, file_type, width, height) in [
        (Sample::Image, "image/jpeg", "jpg", 64, 48),
        (Sample::Png, "image/png", "png", 64, 48),
        (Sample::Voice, "audio/amr", "amr", 0, 0),
        (Sample::Video, "video/mp4", "mp4", 64, 48),
    ] {
        let answer = download(&gateway, &sent(&gateway.wechat, sample)).await;
        assert_eq!((answer.retcode, answer.msg.as_str()), (200, ""), "{answer:?}");
        let url = answer.data["file_url"].as_str().unwrap().to_owned();
        let expected = json!({
            "content_type": content_type,
            "file_url": url,
            "file_type": file_type,
            "width": width,
            "height": height,
        });
        assert_eq!(answer.data, expected);
        let kept = fetch(&url).await;
        assert_eq!(kept.headers()["content-type"], content_type);
        assert_eq!(kept.bytes().await.unwrap(), NewMedia::sample(sample).bytes);
    }
    gateway.end().await;
}

/// The simulated WeChat names an address of this machine, as one that was taken over would.
async fn a_video_is_fetched_from_public_addresses_only(pairing: Pairing) {
    let gateway = Plan::new(pairing).set("WXGATE_CALLBACK_ALLOW", "192.0.2.1/32").start().await;
    let answer = download(&gateway, &sent(&gateway.wechat, Sample::Video)).await;
    assert!(answer.retcode != 200 && answer.msg.contains("not public"), "{answer:?}");
    assert_eq!(download(&gateway, &sent(&gateway.wechat, Sample::Image)).await.retcode, 200);
    gateway.end().await;
}

async fn media_kept_here_are_served_so_that_nothing_in_them_runs(pairing: Pairing) {
    let gateway = Plan::new(pairing).start().await;
    let page = "<html><script>alert(1)</script></html>";
    let media = NewMedia { bytes: page.into(), ..NewMedia::sample(Sample::Image) };
    let media_id = gateway.wechat.put_media(media).unwrap().media_id;

    let answer = download(&gateway, &media_id).await;

    assert_eq!(answer.data["content_type"], "application/octet-stream", "{answer:?}");
    let kept = fetch(answer.data["file_url"].as_str().unwrap()).await;
    for (header, value) in [
        ("content-type", "application/octet-stream"),
        ("content-disposition", "attachment"),
        ("x-content-type-options", "nosniff"),
        ("content-security-policy", "default-src 'none'; sandbox"),
    ] {
        assert_eq!(kept.headers()[header], value);
    }
    let base = &gateway.caller.base;
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    let looked_at = http.head(answer.data["file_url"].as_str().unwrap()).send().await.unwrap();
    assert_eq!(looked_at.headers()["content-length"], page.len().to_string().as_str());
    assert_eq!(looked_at.headers()["content-disposition"], "attachment");
    for absent in ["/media/", "/media/..%2fwxgate.db", "/media/00112233445566778899aabbccddeeff.jpg"] {
        assert_eq!(http.get(format!("{base}{absent}")).send().await.unwrap().status(), 404, "{absent}");
    }
    gateway.end().await;
}

async fn media_go_to_upyun_when_it_is_set_up(pairing: Pairing) {
    let gateway = Plan::new(pairing).upyun().start().await;

    let answer = download(&gateway, &sent(&gateway.wechat, Sample::Png)).await;

    assert_eq!(answer.retcode, 200, "{answer:?}");
    let [ref object] = gateway.wechat.upyun_objects()[..] else { panic!("one object") };
    let url = answer.data["file_url"].as_str().unwrap();
    assert!(url.ends_with(&object.path) && url.contains("/public/sandbox/"), "{url}");
    assert_eq!(object.content_type, "image/png");
    assert_eq!(fetch(url).await.bytes().await.unwrap(), NewMedia::sample(Sample::Png).bytes);
    gateway.end().await;
}

async fn a_caller_that_waited_long_enough_polls(pairing: Pairing) {
    let gateway = Plan::new(pairing).set("WXGATE_SYNC_WAIT_MS", "100").start().await;
    gateway.wechat.add_faults([Rule::new(Fault::DelayMs(2_000)).path(GET).times(1)]).unwrap();
    let media_id = sent(&gateway.wechat, Sample::Image);
    let request = gateway.caller.sign("download_media", &[("media_id", &media_id)]);

    let early = gateway.caller.send(&request).await.unwrap();

    assert_eq!(early.retcode, 202, "{early:?}");
    let job = early.data["job_id"].as_i64().unwrap();
    let status = gateway.caller.finished(job).await;
    assert_eq!((&status["kind"], &status["state"]), (&json!("download_media"), &json!("succeeded")));
    let late = gateway.caller.send(&request).await.unwrap();
    assert_eq!((late.retcode, &late.data), (200, &status["result"]), "the same request, now answered");
    gateway.end().await;
}

async fn with_a_notify_url_the_answer_comes_at_once_and_the_result_later(pairing: Pairing) {
    let gateway = Plan::new(pairing).start().await;
    let (media_id, url) = (sent(&gateway.wechat, Sample::Image), gateway.callback_url());

    let params = [("media_id", media_id.as_str()), ("notify_url", url.as_str())];
    let answer = gateway.caller.call("download_media", &params).await;

    assert_eq!(answer.retcode, 202, "{answer:?}");
    let post = gateway.receiver.wait_for(1).await.remove(0);
    let status = gateway.caller.finished(answer.data["job_id"].as_i64().unwrap()).await;
    let data: Value = serde_json::from_str(&post.field("data")).unwrap();
    assert_eq!(data, status["result"]);
    assert_eq!(post.field("media_id"), media_id);
    assert_eq!(post.field("file_url"), status["result"]["file_url"].as_str().unwrap());
    assert_eq!((post.field("kind"), post.field("state")), ("download_media".into(), "succeeded".into()));
    gateway.end().await;
}

async fn a_medium_that_is_gone_fails_at_once_and_says_why(pairing: Pairing) {
    let gateway = Plan::new(pairing).start().await;
    let media_id = sent(&gateway.wechat, Sample::Image);
    let three_days = std::time::Duration::from_hours(3 * 24 + 1);
    gateway.wechat.advance(three_days).unwrap();

    let answer = download(&gateway, &media_id).await;

    assert_eq!((answer.retcode, &answer.data), (502, &Value::Null), "{answer:?}");
    assert!(answer.msg.contains("40007") && answer.msg.contains("3 days"), "{answer:?}");
    gateway.end().await;
}

async fn an_original_recording_is_had_by_asking_for_it(pairing: Pairing) {
    let gateway = Plan::new(pairing).start().await;
    let media_id = sent(&gateway.wechat, Sample::Recording);
    let usual = download(&gateway, &media_id).await;
    let params = [("media_id", media_id.as_str()), ("hd_voice", "1")];
    let original = gateway.caller.call("download_media", &params).await;
    assert_eq!((&usual.data["file_type"], &original.data["file_type"]), (&json!("amr"), &json!("speex")));
    gateway.end().await;
}

async fn a_body_without_end_is_cut_off(pairing: Pairing) {
    let gateway = Plan::new(pairing).start().await;
    for hostile in [Fault::Endless, Fault::Inflate(100 << 20)] {
        gateway.wechat.add_faults([Rule::new(hostile).path(GET).times(1)]).unwrap();
        let answer = download(&gateway, &sent(&gateway.wechat, Sample::Image)).await;
        assert_eq!(answer.retcode, 502, "{answer:?}");
        assert!(answer.msg.contains("longer than 33554432 bytes"), "{answer:?}");
    }
    assert_eq!(kept(&gateway), 0);
    gateway.end().await;
}

/// Files in the folder for media.
fn kept(gateway: &Gateway) -> usize {
    std::fs::read_dir(gateway.folder().join("data/media")).unwrap().count()
}

async fn a_worker_killed_in_mid_upload_leaves_nothing_visible_and_the_job_goes_on(pairing: Pairing) {
    let mut gateway = Plan::new(pairing).upyun().start().await;
    // The upload breaks off after its first half, and then the worker dies.
    gateway.wechat.add_faults([Rule::new(Fault::Drop).upyun(Spot::Put).times(1)]).unwrap();
    let large = NewMedia::sample(Sample::Video).filled_to(10 << 20);
    let media_id = gateway.wechat.put_media(large).unwrap().media_id;
    let params = [("media_id", media_id.as_str()), ("notify_url", &gateway.callback_url())];
    let job = gateway.caller.call("download_media", &params).await.data["job_id"].as_i64().unwrap();
    let puts = UpyunFilter { spot: Some(Spot::Put), ..UpyunFilter::default() };
    until(&gateway.wechat, "the upload", |wechat| wechat.upyun_calls(&puts).total == 1).await;

    gateway.worker().kill();
    assert!(gateway.wechat.upyun_objects().is_empty());
    gateway.restart_worker().await;

    assert_eq!(gateway.caller.finished(job).await["state"], "succeeded");
    let [ref object] = gateway.wechat.upyun_objects()[..] else { panic!("one object") };
    let tried: Vec<String> =
        gateway.wechat.upyun_calls(&puts).entries.into_iter().map(|call| call.target).collect();
    assert!(tried.len() == 2 && tried[0] == tried[1] && tried[0].ends_with(&object.path), "{tried:?}");
    gateway.end().await;
}

async fn the_memory_stays_flat_whatever_the_size(pairing: Pairing) {
    const MIB: u64 = 1024;
    let mut gateway = Plan::new(pairing).upyun().start().await;
    let small = NewMedia::sample(Sample::Video);
    let large = small.clone().filled_to(10 << 20);
    let small = gateway.wechat.put_media(small).unwrap().media_id;
    assert_eq!(download(&gateway, &small).await.retcode, 200);
    let before = gateway.worker().peak_memory_kib();

    for _ in 0..3 {
        let media_id = gateway.wechat.put_media(large.clone()).unwrap().media_id;
        assert_eq!(download(&gateway, &media_id).await.retcode, 200);
    }

    let grown = gateway.worker().peak_memory_kib() - before;
    assert!(grown < 5 * MIB, "three videos of 10 MiB took {grown} KiB");
    gateway.end().await;
}
