//! What it costs to write and read a message of the queue, with one id and with as many as it takes.
//! `cargo bench --package wxgate-queue`.

#![allow(clippy::unwrap_used, missing_docs, reason = "a benchmark fails by panicking and has no readers")]

use std::hint::black_box;

use criterion::{BenchmarkId, Criterion, criterion_group, criterion_main};
use wxgate_job::{Doorbell, JobId, Kind, Lane};
use wxgate_queue::message::{decode, encode};

fn doorbell(ids: usize) -> Doorbell {
    let lane =
        Lane { client: "shop".into(), app: "wx0123456789abcdef".into(), kind: Kind::named("async_send_tpl") };
    Doorbell { lane, ids: (1_000_001..).take(ids).map(|id| JobId::new(id).unwrap()).collect() }
}

fn benchmarks(criterion: &mut Criterion) {
    for ids in [1, Doorbell::MAX_IDS] {
        let doorbell = doorbell(ids);
        let message = encode(&doorbell).unwrap();
        criterion.bench_with_input(BenchmarkId::new("encode", ids), &doorbell, |bencher, doorbell| {
            bencher.iter(|| encode(black_box(doorbell)).unwrap());
        });
        criterion.bench_with_input(BenchmarkId::new("decode", ids), &message, |bencher, message| {
            bencher.iter(|| decode(black_box(message)).unwrap());
        });
    }
}

criterion_group!(messages, benchmarks);
criterion_main!(messages);
