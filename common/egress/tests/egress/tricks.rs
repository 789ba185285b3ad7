//! Ways to write an address so that it does not look like one that is refused. Each is read by the parser that
//! also dials, so there is one reading.

use std::sync::Arc;

use bytes::Bytes;
use reqwest::header::HeaderMap;
use tokio::time::{Duration, Instant};
use wxgate_egress::{EgressError, Guard, GuardedClient, Refusal, Vetting};

use crate::support::{Receiver, Script};

/// What stands for the port of somebody who listens on this machine.
const PORT: &str = ":PORT";

/// Each leads to 127.0.0.1 or to another address that is not public, or says nothing that can be called.
const REFUSED: [&str; 46] = [
    // Numbers: decimal, octal, hexadecimal, mixed, of fewer parts, beyond the end.
    "http://2130706433:PORT/",
    "http://017700000001:PORT/",
    "http://0x7f000001:PORT/",
    "http://0x7F.0.0.01:PORT/",
    "http://0177.0.0.1:PORT/",
    "http://127.1:PORT/",
    "http://127.0.1:PORT/",
    "http://127.0.0.0x1:PORT/",
    "http://0:PORT/",
    "http://0x0:PORT/",
    "http://4294967296:PORT/",
    "http://127.0.0.256:PORT/",
    // A full stop at the end, other full stops, other digits, escapes.
    "http://127.0.0.1.:PORT/",
    "http://127。0。0。1:PORT/",
    "http://127．0．0．1:PORT/",
    "http://①②⑦.⓪.⓪.①:PORT/",
    "http://１２７.０.０.１:PORT/",
    "http://𝟏𝟐𝟕.𝟎.𝟎.𝟏:PORT/",
    "http://%31%32%37.0.0.1:PORT/",
    "http://127.0.0.1%00.public.example:PORT/",
    // What IPv6 wraps around an IPv4 address: mapped, compatible, translated (NAT64, both prefixes), 6to4, Teredo.
    "http://[::ffff:127.0.0.1]:PORT/",
    "http://[::ffff:7f00:1]:PORT/",
    "http://[0:0:0:0:0:FFFF:127.0.0.1]:PORT/",
    "http://[::127.0.0.1]:PORT/",
    "http://[::ffff:0:127.0.0.1]:PORT/",
    "http://[64:ff9b::7f00:1]:PORT/",
    "http://[64:ff9b:1::7f00:1]:PORT/",
    "http://[2002:7f00:1::]:PORT/",
    "http://[2001:0:0:0:0:0:80ff:fffe]:PORT/",
    // This machine, this network, the cloud's own services.
    "http://[::]:PORT/",
    "http://[::1]:PORT/",
    "http://[fe80::1]:PORT/",
    "http://[fe80::1%25lo]:PORT/",
    "http://[fc00::1]:PORT/",
    "http://[ff02::1]:PORT/",
    "http://[fd00:ec2::254]/",
    "http://169.254.169.254/latest/meta-data/",
    "http://100.100.100.200/",
    "http://255.255.255.255/",
    // A host that is none, in front of the one that is.
    "http://public.example@127.0.0.1:PORT/",
    "http://8.8.8.8:80@127.0.0.1:PORT/",
    "http://127.0.0.1:PORT#@8.8.8.8/",
    "http://127.0.0.1:PORT?@8.8.8.8/",
    "http:\\\\127.0.0.1:PORT\\@8.8.8.8/",
    "http:127.0.0.1:PORT",
    "gopher://127.0.0.1:PORT/_GET",
];

fn guard(script: &Arc<Script>) -> Arc<Guard> {
    Arc::new(Guard::with_lookup("".parse().unwrap(), script.clone()))
}

#[tokio::test]
async fn no_way_of_writing_an_address_leads_to_one_that_is_not_public() {
    let receiver = Receiver::ok().await;
    // Whatever is taken for a name leads here, too.
    let script = Script::of(&[&["127.0.0.1"]]);
    let port = format!(":{}", receiver.address.port());
    let guard = guard(&script);
    let client = GuardedClient::new(Arc::clone(&guard)).unwrap();
    for url in REFUSED {
        let url = url.replace(PORT, &port);
        assert!(matches!(guard.vet(&url).await, Vetting::Refused(_)), "{url} is taken");
        let deadline = Instant::now() + Duration::from_secs(30);
        let called = client.post(&url, HeaderMap::new(), Bytes::from_static(b"hello"), deadline).await;
        assert!(matches!(called, Err(EgressError::Refused(_))), "{url} is called: {called:?}");
    }
    assert_eq!(receiver.connections(), 0);
}

#[tokio::test]
async fn a_name_that_changes_its_answer_each_time_is_dialled_only_where_it_is_public() {
    let receiver = Receiver::ok().await;
    let answers: [&[&str]; 4] = [&["8.8.8.8"], &["127.0.0.1"], &["::ffff:127.0.0.1"], &["127.0.0.1", "::1"]];
    let guard = guard(&Script::of(&answers));
    let url = receiver.url("rebinding.test");
    assert_eq!(guard.vet(&url).await, Vetting::Passed);
    let client = GuardedClient::new(guard).unwrap();
    for _ in 1..answers.len() {
        let deadline = Instant::now() + Duration::from_secs(30);
        let called = client.post(&url, HeaderMap::new(), Bytes::from_static(b"hello"), deadline).await;
        assert!(matches!(called, Err(EgressError::Refused(Refusal::Forbidden))), "{called:?}");
    }
    assert_eq!(receiver.connections(), 0);
}

#[tokio::test]
async fn an_address_brings_no_header_or_request_of_its_own_along() {
    let receiver = Receiver::ok().await;
    let guard = Guard::with_lookup("127.0.0.0/8".parse().unwrap(), Script::of(&[]));
    let client = GuardedClient::new(Arc::new(guard)).unwrap();
    let base = format!("http://127.0.0.1:{}", receiver.address.port());
    for injected in
        ["\r\nX-Injected: 1", "\nX-Injected: 1\n\nGET /second HTTP/1.1", " HTTP/1.1\r\nX-Injected: 1", "\tX"]
    {
        for url in
            [format!("{base}/a{injected}"), format!("{base}/?a={injected}"), format!("{base}/#{injected}")]
        {
            let deadline = Instant::now() + Duration::from_secs(30);
            client.post(&url, HeaderMap::new(), Bytes::from_static(b"hello"), deadline).await.unwrap();
        }
    }
    let requests = receiver.requests();
    assert_eq!(requests.len(), 12);
    for request in requests {
        assert!(!request.to_ascii_lowercase().contains("\nx-injected"), "{request}");
        assert_eq!(request.matches("HTTP/1.1\r\n").count(), 1, "{request}");
    }
}
