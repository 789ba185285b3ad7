//! What every request costs before it is stored: reading its form of about 600 bytes, and checking its
//! signature by either scheme; and what every callback costs: both of its signatures.
//! `cargo bench --package wxgate-signing`.

#![allow(clippy::unwrap_used, missing_docs, reason = "a benchmark fails by panicking and has no readers")]

use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use wxgate_secret::Secret;
use wxgate_signing::{Form, WebhookSecret, fingerprint, hmac_sha256, md5};

const BODY: &str = "client_code=ayAXXiXU6rXkBZAE464MVi8Wniwrrlp3GEX1M6&req_time=1700000000\
    &callback_url=https%3A%2F%2Fshop.example%2Fcallback%2F4711\
    &tpl_data=%7B%22touser%22%3A%22oBench0000000000000000000001%22%2C%22template%5Fid%22%3A%22BenchTemplate0000000000000000\
    0000000000001%22%2C%22url%22%3A%22https%3A%2F%2Fshop.example%2Forders%2F4711%22%2C%22data%22%3A%7B%22thing1%22%3A%7B%22\
    value%22%3A%22%E5%92%96%E5%95%A1%E4%B8%A4%E6%9D%AF%22%7D%2C%22time2%22%3A%7B%22value%22%3A%222026-01-01+12%3A00%22%7D%2C\
    %22amount3%22%3A%7B%22value%22%3A%2258.00%22%7D%2C%22thing4%22%3A%7B%22value%22%3A%22%E6%98%8E%E5%A4%A9%22%7D%7D%7D";
const INTERFACE: &str = "async_send_tpl";

fn benchmarks(criterion: &mut Criterion) {
    let secret = Secret::new("AZa-zsn6lbaOxCpQzq85ijiaiOo6yBrcFqiaEv");
    let form = Form::parse(BODY.as_bytes()).unwrap();
    let documented = md5::authcode(form.pairs(), &secret);
    let strong = hmac_sha256::authcode(INTERFACE, form.pairs(), &secret);
    let webhook = WebhookSecret::generate();

    criterion.bench_function("read a form", |bencher| {
        bencher.iter(|| Form::parse(black_box(BODY.as_bytes())).unwrap());
    });
    for (name, authcode) in
        [("check an authcode, MD5", documented), ("check an authcode, HMAC-SHA256", strong)]
    {
        criterion.bench_function(name, |bencher| {
            bencher.iter(|| assert!(authcode.verify(INTERFACE, black_box(&form).pairs(), &secret)));
        });
    }
    criterion.bench_function("fingerprint a request", |bencher| {
        bencher.iter(|| fingerprint(INTERFACE, black_box(&form).pairs()));
    });
    criterion.bench_function("sign a webhook", |bencher| {
        bencher.iter(|| webhook.sign("job_4711_1", 1_700_000_000, black_box(BODY.as_bytes())));
    });
}

criterion_group!(request, benchmarks);
criterion_main!(request);
