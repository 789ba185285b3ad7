//! A client whose secret was replaced.

use std::sync::Arc;

use wxgate_secret::Secret;
use wxgate_store::Directory;
use wxgate_store::clock::now_ms;
use wxgate_store::model::operate::Client;
use wxgate_store::model::rotation::Former;

use crate::request::{Request, SECRET};
use crate::support::{TestGateway, client};

/// A client that has another secret now; the one that requests here are signed with counts until then.
fn rotated(code: &str, until: i64) -> impl FnOnce(&mut Directory) {
    let former_secret = Some(Former { secret: Secret::new(SECRET), until });
    let client = Client { secret: Some(Secret::new("another")), former_secret, ..client(code) };
    move |directory| drop(directory.clients.insert(client.code.clone(), Arc::new(client)))
}

#[tokio::test]
async fn the_former_secret_signs_in_both_schemes_until_its_end() {
    let gateway = TestGateway::start_with(rotated("rotated", now_ms() + 60_000)).await;
    let request = Request::send().with("client_code", "rotated");
    gateway.accepted(&request).await;
    gateway.accepted(&request.strong()).await;

    let gateway = TestGateway::start_with(rotated("over", now_ms() - 60_000)).await;
    let request = Request::send().with("client_code", "over");
    gateway.refused(&request, 103, "authcode").await;
    gateway.refused(&request.strong(), 103, "authcode").await;
}

#[tokio::test]
async fn a_client_without_a_secret_is_not_called_by_its_former_one() {
    let former = Some(Former { secret: Secret::new(SECRET), until: i64::MAX });
    let bare = Client { secret: None, former_secret: former, ..client("bare-now") };
    let with = |directory: &mut Directory| drop(directory.clients.insert("bare-now".into(), bare.into()));
    let gateway = TestGateway::start_with(with).await;
    gateway.refused(&Request::send().with("client_code", "bare-now"), 108, "").await;
}
