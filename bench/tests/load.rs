//! The load tool against a gateway in miniature: what it counts when all is well, and that it
//! notices each thing that can go wrong.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod stub;

use std::net::TcpListener;
use std::sync::Arc;
use std::time::{Duration, Instant};

use stub::{Fault, Stub};
use tokio::task::JoinSet;
use wxgate_bench::figures::Figures;
use wxgate_bench::ledger::Ledger;
use wxgate_bench::load::Load;
use wxgate_bench::request::Caller;
use wxgate_bench::tally::Tally;
use wxgate_bench::world::World;

/// How long the stub may take for what is in flight.
const PATIENCE: Duration = Duration::from_secs(20);

/// A load on a stub, and the surroundings both of them share.
struct Bench {
    load: Load,
    ledger: Arc<Ledger>,
    _world: JoinSet<()>,
}

impl Bench {
    async fn with(fault: Fault) -> Self {
        let ledger = Arc::new(Ledger::default());
        let callback_secret = String::from("whsec_AAAA");
        let world = World {
            ledger: Arc::clone(&ledger),
            callback_secret: callback_secret.clone(),
            wechat_delay: Duration::ZERO,
        };
        let (wechat, tasks) = world.start().await.unwrap();
        let client_secret = String::from("secret");
        let stub =
            Stub { wechat, client_secret: client_secret.clone(), callback_secret, fault, worker: None };
        let caller = Arc::new(Caller {
            intake: stub::start(stub, TcpListener::bind("127.0.0.1:0").unwrap()).to_string(),
            receiver: wechat.to_string(),
            app_id: "wx".into(),
            client_code: "bench".into(),
            client_secret,
            send_at: None,
        });
        Self { load: Load { caller, ledger: Arc::clone(&ledger), connections: 4 }, ledger, _world: tasks }
    }

    /// The tally once `is_there` holds of it.
    async fn tally_when(&self, is_there: impl Fn(&Tally) -> bool) -> Tally {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let tally = Tally::of(&self.ledger, 0);
            if is_there(&tally) {
                return tally;
            }
            assert!(Instant::now() < deadline, "the load tool did not notice: {tally}");
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }
}

#[tokio::test]
async fn a_full_load_goes_through_and_is_counted() {
    let bench = Bench::with(Fault::None).await;
    bench.load.full(Duration::from_millis(300)).await;
    let tally = bench.tally_when(|tally| tally.lost == 0).await;
    assert!(tally.is_clean(), "{tally}");
    assert!(tally.verified >= tally.sent / 16, "{tally}");
    let figures = Figures::of(&bench.ledger.entries(0..bench.ledger.next_number()));
    assert!(
        figures.accepted_per_s >= figures.end_to_end_per_s && figures.end_to_end_per_s > 0.0,
        "{figures:?}"
    );
    assert!(figures.end_to_end.p50_ms >= figures.accept.p50_ms, "{figures:?}");
}

#[tokio::test]
async fn a_steady_load_sends_what_is_due_and_no_more() {
    let bench = Bench::with(Fault::None).await;
    let started = Instant::now();
    bench.load.steady(40, Duration::from_secs(1)).await;
    // The first is due at once, the fortieth 39 intervals later.
    assert!(started.elapsed() >= Duration::from_millis(975));
    let tally = bench.tally_when(|tally| tally.lost == 0).await;
    assert_eq!(tally.sent, 40);
    assert!(tally.is_clean(), "{tally}");
}

#[tokio::test]
async fn whatever_goes_wrong_is_noticed() {
    type Notices = fn(&Tally) -> bool;
    let faults: [(Fault, Notices); 8] = [
        (Fault::Refuse, |tally| tally.refused.get("HTTP 200, 429 too many").is_some_and(|count| *count > 0)),
        (Fault::NoMessage, |tally| tally.lost == 0 && tally.unsent > 0),
        (Fault::MessageTwice, |tally| tally.lost == 0 && tally.sent_twice > 0),
        (Fault::NoCallback, |tally| tally.lost == tally.sent.div_ceil(4)),
        (Fault::CallbackTwice, |tally| tally.called_back_twice > 0),
        (Fault::OtherId, |tally| tally.wrong_ids > 0),
        (Fault::WrongSecret, |tally| tally.bad_signatures > 0),
        (Fault::Failure, |tally| tally.failed > 0),
    ];
    for (fault, notices) in faults {
        let bench = Bench::with(fault).await;
        bench.load.full(Duration::from_millis(200)).await;
        let tally = bench.tally_when(notices).await;
        assert!(!tally.is_clean(), "{fault:?}: {tally}");
    }
}

#[tokio::test]
async fn requests_that_nobody_answers_are_repeated_and_told() {
    let mut bench = Bench::with(Fault::None).await;
    let closed = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let caller = Caller { intake: closed.to_string(), ..(*bench.load.caller).clone() };
    bench.load.caller = Arc::new(caller);
    bench.load.steady(2, Duration::from_secs(1)).await;
    let tally = Tally::of(&bench.ledger, 0);
    assert_eq!((tally.unanswered, tally.retried, tally.lost), (2, 6, 0));
    assert!(!tally.is_clean());
}
