//! More than can be served: it is refused at once, honestly, and what can be served goes on.

use std::time::{Duration, Instant};

use futures_util::future::join_all;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::timeout;
use wxgate_tests::{Answer, Caller, Gateway, Hold, Pairing, Plan, more_files, template};

use crate::support::PATIENCE;

crate::on_both_pairings!(
    what_cannot_be_stored_in_time_is_refused_and_nothing_of_it_is_kept,
    thousands_of_idle_connections_keep_nobody_out,
    whoever_sends_slowly_is_cut_off,
    large_bodies_have_a_bound_together,
);

/// More than may wait (1,024) and be under way (two batches of 256) at once.
const FLOOD: usize = 2_000;

/// Far above what it takes, far below what unbounded waiting would.
const MOST_KIB: u64 = 256 * 1024;

async fn what_cannot_be_stored_in_time_is_refused_and_nothing_of_it_is_kept(pairing: Pairing) {
    more_files();
    let gateway = Plan::new(pairing).start().await;
    gateway.caller.finished(gateway.caller.message("oSandboxUser01", &[]).await).await;
    let held = gateway.database.hold().await;
    let (answers, took) = flood(&gateway, &held).await;
    held.release().await;

    let of = |retcode| answers.iter().filter(|answer| answer.retcode == retcode).count();
    let (stored, refused) = (of(200), of(503));
    assert_eq!(stored + refused, FLOOD, "{:?}", answers.iter().find(|it| ![200, 503].contains(&it.retcode)));
    let at_once = answers.iter().filter(|answer| answer.status == 503 && answer.msg.contains("too much"));
    assert!(at_once.count() >= FLOOD - 1_024 - 2 * 256, "who cannot even wait is told so");
    assert!(took < Duration::from_secs(25), "{took:?}");
    // It recovers at once, and holds what it said it holds.
    gateway.caller.finished(gateway.caller.message("oSandboxUser02", &[]).await).await;
    let kept = gateway.database.number("SELECT count(*) FROM jobs").await;
    assert_eq!(usize::try_from(kept).unwrap(), stored + 2);
    let peak = gateway.intakes[0].peak_memory_kib();
    assert!(peak < MOST_KIB, "{peak} KiB");
    gateway.end().await;
}

/// Sends as many requests at once as cannot all wait. The answers, and how long the last of them took.
async fn flood(gateway: &Gateway, _while_held: &Hold) -> (Vec<Answer>, Duration) {
    let message = template("oSandboxUser03");
    let began = Instant::now();
    let sent = (0..FLOOD).map(|_| {
        let caller = gateway.caller.clone();
        let request = caller.sign("async_send_tpl", &[("tpl_data", &message)]);
        tokio::spawn(async move { caller.send(&request).await.unwrap() })
    });
    let answers = join_all(sent).await.into_iter().map(Result::unwrap).collect();
    (answers, began.elapsed())
}

async fn thousands_of_idle_connections_keep_nobody_out(pairing: Pairing) {
    more_files();
    let gateway = Plan::new(pairing).start().await;
    let before = gateway.intakes[0].peak_memory_kib();
    let idle = connections(&gateway.caller, idle_connections()).await;
    let fresh = Caller::new(&gateway.caller.base, &gateway.caller.code, &gateway.caller.secret);
    let began = Instant::now();
    let id = timeout(PATIENCE, fresh.message("oSandboxUser01", &[])).await.unwrap();
    assert!(began.elapsed() < Duration::from_secs(5), "{:?}", began.elapsed());
    gateway.caller.finished(id).await;
    let grown = gateway.intakes[0].peak_memory_kib() - before;
    let each = grown / u64::try_from(idle.len()).unwrap();
    println!("{} idle connections: {grown} KiB, {each} KiB each", idle.len());
    assert!(each < 24, "{each} KiB for each of {}", idle.len());
    gateway.end().await;
}

/// A few thousand, or as many as the environment says.
fn idle_connections() -> usize {
    std::env::var("WXGATE_TEST_CONNECTIONS").map_or(3_000, |number| number.parse().unwrap())
}

async fn connections(caller: &Caller, number: usize) -> Vec<TcpStream> {
    let address = caller.base.strip_prefix("http://").unwrap();
    let mut open = Vec::with_capacity(number);
    while open.len() < number {
        let some = (0..100.min(number - open.len())).map(|_| TcpStream::connect(address));
        open.extend(join_all(some).await.into_iter().map(Result::unwrap));
    }
    open
}

async fn whoever_sends_slowly_is_cut_off(pairing: Pairing) {
    let gateway = Plan::new(pairing).start().await;
    let request =
        "POST /weixinapi/async_send_tpl?authcode=0 HTTP/1.1\r\nHost: gateway\r\nContent-Length: 999\r\n\r\n";
    let heads = (0..50).map(|_| dribbled(&gateway.caller, "", request));
    let bodies = (0..50).map(|_| dribbled(&gateway.caller, request, "tpl_data=x"));
    let caller = gateway.caller.clone();
    let meanwhile =
        tokio::spawn(async move { caller.finished(caller.message("oSandboxUser01", &[]).await).await });
    for took in join_all(heads).await {
        assert!(took < Duration::from_secs(20), "a head is waited for 10 to 15 s, this one {took:?}");
    }
    for took in join_all(bodies).await {
        assert!(took < Duration::from_secs(40), "a body is waited for 30 s, this one {took:?}");
    }
    meanwhile.await.unwrap();
    gateway.end().await;
}

/// Sends `first` at once and `then` one byte a second, until the other end has had enough: after how long.
async fn dribbled(caller: &Caller, first: &str, then: &str) -> Duration {
    let began = Instant::now();
    let stream = TcpStream::connect(caller.base.strip_prefix("http://").unwrap()).await.unwrap();
    let (mut read, mut write) = stream.into_split();
    write.write_all(first.as_bytes()).await.unwrap();
    let bytes = then.as_bytes().to_vec();
    let dribble = tokio::spawn(async move {
        for byte in bytes.iter().cycle() {
            if write.write_all(&[*byte]).await.is_err() {
                break;
            }
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
    });
    // The end of the connection, or a reset: either way it is over.
    drop(timeout(PATIENCE, read.read_to_end(&mut Vec::new())).await.unwrap());
    dribble.abort();
    began.elapsed()
}

async fn large_bodies_have_a_bound_together(pairing: Pairing) {
    let gateway = Plan::new(pairing).start().await;
    let head = "POST /weixinapi/async_send_tpl?authcode=0 HTTP/1.1\r\nHost: gateway\r\nContent-Length: 1048576\r\n\r\n";
    let part = vec![b'x'; (1 << 20) - 1];
    let mut open = connections(&gateway.caller, 100).await;
    let mut refused = 0;
    for stream in &mut open {
        stream.write_all(head.as_bytes()).await.unwrap();
        // Whoever is refused may be cut off amid the body.
        drop(stream.write_all(&part).await);
    }
    for stream in &mut open {
        let mut status = [0; 12];
        if let Ok(Ok(_)) = timeout(Duration::from_millis(200), stream.read_exact(&mut status)).await {
            refused += usize::from(&status == b"HTTP/1.1 503");
        }
    }
    assert!(refused >= 30, "of 100 MiB, 64 have room; {refused} were refused");
    // Small ones always have.
    gateway.caller.finished(gateway.caller.message("oSandboxUser01", &[]).await).await;
    drop(open);
    let peak = gateway.intakes[0].peak_memory_kib();
    assert!(peak < MOST_KIB, "{peak} KiB");
    gateway.end().await;
}
