//! The guarded client against real sockets on 127.0.0.1.

use std::error::Error;
use std::sync::Arc;
use std::time::Duration;

use crate::support::{Receiver, Script};
use bytes::Bytes;
use reqwest::header::{CONTENT_TYPE, HeaderMap, HeaderValue};
use tokio::net::TcpListener;
use tokio::time::Instant;
use wxgate_egress::{EgressError, Guard, GuardedClient, InvalidUrl, MAX_BODY_START, Refusal, Reply};

/// Long enough never to matter.
const AMPLE: Duration = Duration::from_secs(30);
/// Short enough to wait for, in the tests that do.
const SHORT: Duration = Duration::from_secs(1);

fn client(allow: &str, script: &Arc<Script>) -> GuardedClient {
    let guard = Guard::with_lookup(allow.parse().unwrap(), script.clone());
    GuardedClient::new(Arc::new(guard)).unwrap()
}

fn literal_client() -> GuardedClient {
    client("127.0.0.0/8", &Script::of(&[]))
}

async fn post(client: &GuardedClient, url: &str, within: Duration) -> Result<Reply, EgressError> {
    let headers = HeaderMap::from_iter([(CONTENT_TYPE, HeaderValue::from_static("text/plain"))]);
    client.post(url, headers, Bytes::from_static(b"hello"), Instant::now() + within).await
}

#[track_caller]
fn assert_forbidden(outcome: &Result<Reply, EgressError>, url: &str) {
    assert!(matches!(outcome, Err(EgressError::Refused(Refusal::Forbidden))), "{url}: {outcome:?}");
}

#[tokio::test]
async fn a_post_arrives_and_its_answer_comes_back() {
    let answer = "HTTP/1.1 429 Too Many\r\nretry-after: 7\r\ncontent-length: 4\r\n\r\nslow";
    let receiver = Receiver::answering(answer).await;

    let reply = post(&literal_client(), &receiver.url("127.0.0.1"), AMPLE).await.unwrap();

    assert_eq!((reply.status.as_u16(), reply.retry_after), (429, Some(Duration::from_secs(7))));
    assert_eq!((reply.body_start.as_slice(), reply.cut), (&b"slow"[..], false));
    let request = receiver.requests().remove(0);
    assert!(request.starts_with("POST /hook?authcode=canary HTTP/1.1\r\n"), "{request}");
    assert!(
        request.contains("content-type: text/plain\r\n") && request.contains("user-agent: wxgate/"),
        "{request}"
    );
}

#[tokio::test]
async fn calls_to_one_host_share_a_connection() {
    let receiver = Receiver::ok().await;
    let listed = client(&format!("listed.test:{}", receiver.address.port()), &Script::of(&[&["127.0.0.1"]]));
    for (client, host) in [(literal_client(), "127.0.0.1"), (listed, "listed.test")] {
        let before = receiver.connections();
        for _ in 0..5 {
            assert!(post(&client, &receiver.url(host), AMPLE).await.unwrap().status.is_success());
        }
        assert_eq!(receiver.connections() - before, 1, "{host}");
    }
}

#[tokio::test]
async fn addresses_in_the_url_are_refused_however_they_are_written() {
    let receiver = Receiver::ok().await;
    let client = client("", &Script::of(&[]));
    for host in [
        "127.0.0.1",
        "2130706433",
        "0x7f.1",
        "127.1",
        "0177.0.0.1",
        "127.0.0.1.",
        "[::ffff:127.0.0.1]",
        "[::1]",
        "[::ffff:7f00:1]",
        "[64:ff9b::7f00:1]",
        "[::127.0.0.1]",
        "0",
        "169.254.169.254",
    ] {
        assert_forbidden(&post(&client, &receiver.url(host), AMPLE).await, host);
    }
    assert_eq!(receiver.connections(), 0);
}

#[tokio::test]
async fn names_that_lead_to_forbidden_addresses_only_are_refused() {
    let receiver = Receiver::ok().await;
    for answer in
        [&["127.0.0.1"][..], &["::ffff:127.0.0.1"], &["64:ff9b::7f00:1"], &["10.0.0.1", "127.0.0.1", "::1"]]
    {
        let client = client("", &Script::of(&[answer]));
        assert_forbidden(&post(&client, &receiver.url("name.test"), AMPLE).await, answer[0]);
    }
    assert_eq!(receiver.connections(), 0);
}

#[tokio::test]
async fn of_mixed_answers_the_admitted_one_is_dialled() {
    let receiver = Receiver::ok().await;
    // The forbidden ones go first, and nothing would answer there.
    let script = Script::of(&[&["::ffff:127.0.0.1", "10.255.255.1", "127.0.0.1"]]);
    let reply = post(&client("127.0.0.1/32", &script), &receiver.url("name.test"), AMPLE).await.unwrap();
    assert!(reply.status.is_success());
    assert_eq!(receiver.connections(), 1);
}

#[tokio::test]
async fn a_name_that_turned_private_after_it_was_vetted_is_refused_when_dialled() {
    let receiver = Receiver::ok().await;
    let script = Script::of(&[&["8.8.8.8"], &["127.0.0.1"]]);
    let guard = Arc::new(Guard::with_lookup("".parse().unwrap(), script.clone()));
    let url = receiver.url("rebinding.test");

    assert_eq!(guard.vet(&url).await, wxgate_egress::Vetting::Passed);
    let outcome = post(&GuardedClient::new(guard).unwrap(), &url, AMPLE).await;

    assert_forbidden(&outcome, &url);
    assert_eq!((receiver.connections(), script.asked()), (0, 2));
}

#[tokio::test]
async fn a_listed_endpoint_is_reached_with_its_own_host_and_port_only() {
    let (listed, other) = (Receiver::ok().await, Receiver::ok().await);
    let allow = format!("listed.test:{}", listed.address.port());
    let client = client(&allow, &Script::of(&[&["127.0.0.1"]]));

    assert!(post(&client, &listed.url("listed.test"), AMPLE).await.is_ok());
    for url in [other.url("listed.test"), listed.url("another.test"), listed.url("127.0.0.1")] {
        assert_forbidden(&post(&client, &url, AMPLE).await, &url);
    }
    assert_eq!((listed.connections(), other.connections()), (1, 0));
}

#[tokio::test]
async fn the_systems_resolver_is_filtered_too() {
    let receiver = Receiver::ok().await;
    let client = GuardedClient::new(Arc::new(Guard::new("".parse().unwrap()))).unwrap();
    assert_forbidden(&post(&client, &receiver.url("localhost"), AMPLE).await, "localhost");
    assert_eq!(receiver.connections(), 0);
}

#[tokio::test]
async fn a_redirect_is_an_answer_and_is_not_followed() {
    let private = Receiver::ok().await;
    let location =
        format!("HTTP/1.1 307 Moved\r\nlocation: {}\r\ncontent-length: 0\r\n\r\n", private.url("127.0.0.1"));
    let receiver = Receiver::answering(location).await;

    let reply = post(&literal_client(), &receiver.url("127.0.0.1"), AMPLE).await.unwrap();

    assert_eq!(reply.status.as_u16(), 307);
    assert_eq!(private.connections(), 0);
}

#[tokio::test]
async fn unusable_urls_are_refused_before_anything_is_looked_up() {
    let script = Script::of(&[&["127.0.0.1"]]);
    let client = client("127.0.0.0/8", &script);
    for (url, expected) in
        [("ftp://name.test/", InvalidUrl::Scheme), ("http://good.test@name.test/", InvalidUrl::Credentials)]
    {
        let error = post(&client, url, AMPLE).await.unwrap_err();
        assert!(
            matches!(&error, EgressError::Refused(Refusal::InvalidUrl(found)) if *found == expected),
            "{error:?}"
        );
        assert!(!error.is_ambiguous());
    }
    assert_eq!(script.asked(), 0);
}

#[tokio::test]
async fn a_long_body_is_cut_at_the_limit() {
    for (size, cut) in [(MAX_BODY_START, false), (MAX_BODY_START + 1, true), (1 << 20, true)] {
        let mut answer = format!("HTTP/1.1 200 OK\r\ncontent-length: {size}\r\n\r\n").into_bytes();
        answer.resize(answer.len() + size, b'x');
        let receiver = Receiver::answering(answer).await;
        let reply = post(&literal_client(), &receiver.url("127.0.0.1"), AMPLE).await.unwrap();
        assert_eq!((reply.body_start.len(), reply.cut), (size.min(MAX_BODY_START), cut), "{size}");
    }
}

#[tokio::test]
async fn a_status_counts_even_when_the_body_never_ends() {
    let receiver = Receiver::answering("HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nfive!").await;
    let reply = post(&literal_client(), &receiver.url("127.0.0.1"), SHORT).await.unwrap();
    assert_eq!((reply.status.as_u16(), reply.body_start.as_slice(), reply.cut), (200, &b"five!"[..], true));
    assert!(reply.elapsed >= SHORT);
}

#[tokio::test]
async fn a_receiver_that_never_answers_is_ambiguous() {
    let receiver = Receiver::answering("").await;
    let error = post(&literal_client(), &receiver.url("127.0.0.1"), SHORT).await.unwrap_err();
    assert!(matches!(error, EgressError::Timeout) && error.is_ambiguous(), "{error:?}");
    assert_eq!(receiver.requests().len(), 1);
}

#[tokio::test]
async fn an_answer_that_is_not_http_is_ambiguous() {
    let receiver = Receiver::answering("220 mail.test ESMTP\r\n\r\n").await;
    let error = post(&literal_client(), &receiver.url("127.0.0.1"), AMPLE).await.unwrap_err();
    assert!(matches!(error, EgressError::Other(_)) && error.is_ambiguous(), "{error:?}");
}

#[tokio::test]
async fn failures_before_anything_was_written_are_told_apart() {
    let closed = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let error = post(&literal_client(), &format!("http://{closed}/"), AMPLE).await.unwrap_err();
    assert!(matches!(error, EgressError::Connect(_)) && !error.is_ambiguous(), "{error:?}");

    let error = post(&literal_client(), "http://unknown.test/", AMPLE).await.unwrap_err();
    assert!(matches!(error, EgressError::Dns(_)) && !error.is_ambiguous(), "{error:?}");
}

/// Answers a TLS greeting with plain text.
#[tokio::test]
async fn a_receiver_without_tls_is_told_apart() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let speak = async {
        let (mut stream, _) = listener.accept().await.unwrap();
        tokio::io::AsyncWriteExt::write_all(&mut stream, b"HTTP/1.1 400 Bad Request\r\n\r\n").await.unwrap();
        stream
    };
    let (client, url) = (literal_client(), format!("https://{address}/"));
    let (outcome, _stream) = tokio::join!(post(&client, &url, AMPLE), speak);
    let error = outcome.unwrap_err();
    assert!(matches!(error, EgressError::Tls(_)) && !error.is_ambiguous(), "{error:?}");
}

#[tokio::test]
async fn no_error_shows_the_signature_in_the_url() {
    let closed = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let garbage = Receiver::answering("garbage\r\n\r\n").await;
    let urls = [
        format!("http://{closed}/?authcode=canary"),
        "http://unknown.test/?authcode=canary".to_owned(),
        garbage.url("127.0.0.1"),
    ];
    for url in urls {
        let error = post(&literal_client(), &url, AMPLE).await.unwrap_err();
        assert!(!format!("{error} {error:?}").contains("canary"), "{error:?}");
        let mut source = error.source();
        while let Some(cause) = source {
            assert!(!cause.to_string().contains("canary"), "{cause}");
            source = cause.source();
        }
    }
}
