//! What the guard says of a URL at intake.

use std::io;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use crate::support::Script;
use async_trait::async_trait;
use tokio::time::{Instant, advance};
use wxgate_egress::{Guard, InvalidUrl, Lookup, Refusal, Vetting};

const FORBIDDEN: Vetting = Vetting::Refused(Refusal::Forbidden);

fn guard(allow: &str, script: &Arc<Script>) -> Guard {
    Guard::with_lookup(allow.parse().unwrap(), script.clone())
}

#[tokio::test]
async fn addresses_are_decided_without_a_look_up() {
    let script = Script::of(&[&["8.8.8.8"]]);
    let guard = guard("10.1.0.0/16,127.0.0.1:9000", &script);
    for url in ["http://8.8.8.8/", "http://10.1.2.3/", "http://127.1:9000/", "http://[2606:4700:4700::1111]/"]
    {
        assert_eq!(guard.vet(url).await, Vetting::Passed, "{url}");
    }
    for url in [
        "http://10.2.0.1/",
        "http://127.0.0.1/",
        "http://2130706433/",
        "http://0x7f.1/",
        "http://[::ffff:8.8.8.8]/",
    ] {
        assert_eq!(guard.vet(url).await, FORBIDDEN, "{url}");
    }
    assert_eq!(script.asked(), 0);
}

#[tokio::test]
async fn unusable_urls_are_refused_with_their_reason() {
    let guard = guard("", &Script::of(&[]));
    let refused = |reason| Vetting::Refused(Refusal::InvalidUrl(reason));
    assert_eq!(guard.vet("gopher://host/").await, refused(InvalidUrl::Scheme));
    assert_eq!(guard.vet("http://a:b@8.8.8.8/").await, refused(InvalidUrl::Credentials));
    assert_eq!(guard.vet(&format!("http://host/{}", "x".repeat(2048))).await, refused(InvalidUrl::TooLong));
}

#[tokio::test]
async fn a_name_is_refused_when_all_its_answers_are_forbidden() {
    for (answer, expected) in [
        (&["127.0.0.1", "::1"][..], FORBIDDEN),
        (&["::ffff:8.8.8.8"], FORBIDDEN),
        (&["64:ff9b::808:808"], FORBIDDEN),
        (&["10.0.0.1", "8.8.8.8"], Vetting::Passed),
        (&[], Vetting::Undecided),
    ] {
        assert_eq!(guard("", &Script::of(&[answer])).vet("http://name.test/").await, expected, "{answer:?}");
    }
}

#[tokio::test]
async fn a_listed_name_passes_without_a_look_up() {
    let script = Script::of(&[&["127.0.0.1"]]);
    let guard = guard("name.test:9000", &script);
    assert_eq!(guard.vet("http://name.test:9000/").await, Vetting::Passed);
    assert_eq!(script.asked(), 0);
    assert_eq!(guard.vet("http://name.test:9001/").await, FORBIDDEN);
}

#[tokio::test(start_paused = true)]
async fn a_finding_is_kept_for_a_minute_for_all_urls_of_a_name() {
    let script = Script::of(&[&["8.8.8.8"], &["127.0.0.1"]]);
    let guard = guard("", &script);
    assert_eq!(guard.vet("http://name.test/").await, Vetting::Passed);
    advance(Duration::from_secs(59)).await;
    assert_eq!(guard.vet("https://NAME.test:8443/other").await, Vetting::Passed);
    assert_eq!(script.asked(), 1);
    advance(Duration::from_secs(1)).await;
    assert_eq!(guard.vet("http://name.test/").await, FORBIDDEN);
}

/// Never answers.
struct Silence;

#[async_trait]
impl Lookup for Silence {
    async fn lookup(&self, _name: &str) -> io::Result<Vec<IpAddr>> {
        std::future::pending().await
    }
}

#[tokio::test(start_paused = true)]
async fn a_silent_name_server_delays_an_intake_by_300_ms_and_only_once() {
    let guard = Guard::with_lookup("".parse().unwrap(), Arc::new(Silence));
    let started = Instant::now();
    let both = tokio::join!(guard.vet("http://name.test/a"), guard.vet("http://name.test/b"));
    assert_eq!(both, (Vetting::Undecided, Vetting::Undecided));
    assert_eq!(guard.vet("http://name.test/c").await, Vetting::Undecided);
    assert!((300..=302).contains(&started.elapsed().as_millis()), "{:?}", started.elapsed());
}

#[tokio::test]
async fn a_name_that_does_not_exist_is_left_to_the_call() {
    assert_eq!(guard("", &Script::of(&[])).vet("http://name.test/").await, Vetting::Undecided);
}
