//! A signed request that somebody changed on its way: in one byte, anywhere in its query and body.

use std::collections::BTreeMap;

use crate::request::{MESSAGE, Request};
use crate::support::TestGateway;

/// The request with one bit of one byte turned, each time another one: every byte of authcode and parameters. Every
/// other value is tried without a gateway (`common/signing/tests/one_byte.rs`).
fn changed(request: &Request) -> impl Iterator<Item = Vec<u8>> {
    let whole = request.post();
    let authcode = whole.windows(9).position(|bytes| bytes == b"authcode=").unwrap();
    let authcode = authcode..authcode + 9 + request.signature().to_string().len();
    let body = whole.windows(4).position(|bytes| bytes == b"\r\n\r\n").unwrap() + 4..whole.len();
    authcode.chain(body).map(move |at| {
        let mut changed = whole.clone();
        changed[at] ^= 1 << (at % 8);
        changed
    })
}

/// Sends them all after the request itself. Each is refused, or is told the answer to that one; answers how often
/// which retcode was given.
async fn all_come_to_nothing(request: Request) -> BTreeMap<u16, usize> {
    let gateway = TestGateway::start().await;
    let id = gateway.accepted(&request).await;
    let mut answers = BTreeMap::new();
    for changed in changed(&request) {
        let reply = gateway.send(&changed).await;
        // A request line that is no HTTP is none of ours.
        if reply.status == 400 && reply.body.is_empty() {
            continue;
        }
        let envelope = reply.envelope();
        if envelope.retcode == 200 {
            assert_eq!(envelope.data.as_i64(), Some(id.get()), "{}", changed.escape_ascii());
        }
        *answers.entry(envelope.retcode).or_default() += 1;
    }
    let jobs = gateway.jobs().await;
    assert_eq!(jobs.iter().map(|job| job.id).collect::<Vec<_>>(), [id], "it is one message for ever");
    answers
}

/// With a name that can be another without changing the order of the values.
fn request() -> Request {
    Request::send().with("tpl_data", MESSAGE).with("x", "1")
}

#[tokio::test]
async fn under_the_documented_scheme_what_cannot_be_told_apart_is_refused_as_another_request() {
    let answers = all_come_to_nothing(request()).await;
    assert!(answers[&103] > 100, "{answers:?}");
}

#[tokio::test]
async fn under_the_strong_scheme_nothing_is_taken_for_what_it_is_not() {
    let answers = all_come_to_nothing(request().strong()).await;
    assert!(answers[&103] > 100, "{answers:?}");
}
