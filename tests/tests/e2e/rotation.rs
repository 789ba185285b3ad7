//! Secrets are replaced while everybody works on.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use parking_lot::Mutex;
use tokio::task::{JoinHandle, block_in_place};
use wxgate_secret::{Keyring, Secret};
use wxgate_signing::{Form, WebhookSecret, md5};
use wxgate_tests::{CLIENT, Caller, Gateway, Pairing, Plan, Post};

use crate::support::reached_all;

crate::on_both_pairings!(
    a_clients_former_secret_counts_until_its_end,
    callbacks_are_signed_with_both_secrets_until_the_former_one_ends,
);
crate::on_servers!(the_key_is_replaced_under_load_and_no_request_fails);

/// Within which a change by an operator takes effect everywhere.
const KNOWN_WITHIN: Duration = Duration::from_secs(2);

/// What a caller is told about a job that is not there; waits until it is this.
async fn becomes(caller: &Caller, retcode: i64, meanwhile: impl AsyncFn()) {
    let began = Instant::now();
    loop {
        let told = caller.call("get_job_status", &[("job_id", "1")]).await.retcode;
        meanwhile().await;
        if told == retcode {
            return;
        }
        assert!(began.elapsed() < KNOWN_WITHIN, "still {told}");
    }
}

async fn a_clients_former_secret_counts_until_its_end(pairing: Pairing) {
    let gateway = Plan::new(pairing).start().await;
    let (old, new) = (gateway.caller.clone(), Caller::new(&gateway.caller.base, CLIENT, "the new secret"));
    gateway.run(&["client", "rotate", "--code", CLIENT, "secret", "--to", &new.secret]);
    let old_counts = async || assert_eq!(old.call("get_job_status", &[("job_id", "1")]).await.retcode, 404);
    becomes(&new, 404, old_counts).await;

    let ended = "UPDATE clients SET former_secret_until = 1; UPDATE meta SET value = value + 1 WHERE name = 'revision'";
    gateway.database.execute(ended).await;
    becomes(&old, 103, async || {}).await;
    new.message("oSandboxUser01", &[]).await;
    gateway.end().await;
}

/// Which of these secrets the headers verify with, and which the authcode.
fn signed_with(post: &Post, secrets: [&str; 2]) -> [(bool, bool); 2] {
    let header = |name: &str| post.headers[name].as_str();
    let form = Form::parse(post.body.as_bytes()).unwrap();
    secrets.map(|secret| {
        let secret = Secret::new(secret);
        let at = header("webhook-timestamp").parse().unwrap();
        let (id, signature) = (header("webhook-id"), header("webhook-signature"));
        let webhook = WebhookSecret::parse(&secret).unwrap();
        let by_header = webhook.verify(id, at, post.body.as_bytes(), signature);
        (by_header, md5::authcode(form.pairs(), &secret).to_string() == post.authcode())
    })
}

/// Sends messages until a callback is signed so.
async fn until_signed(gateway: &Gateway, secrets: [&str; 2], wanted: [(bool, bool); 2]) {
    let began = Instant::now();
    loop {
        let count = gateway.receiver.posts().len();
        gateway.caller.message("oSandboxUser01", &[("callback_url", &gateway.callback_url())]).await;
        let posts = gateway.receiver.wait_for(count + 1).await;
        let signed = signed_with(&posts[count], secrets);
        if signed == wanted {
            return;
        }
        assert!(signed.contains(&(true, true)), "{signed:?}: a receiver would refuse it");
        assert!(began.elapsed() < KNOWN_WITHIN * 2, "still {signed:?}");
    }
}

async fn callbacks_are_signed_with_both_secrets_until_the_former_one_ends(pairing: Pairing) {
    let gateway = Plan::new(pairing).start().await;
    let new = WebhookSecret::generate().to_text();
    let secrets = [gateway.callback_secret.as_str(), new.expose()];
    until_signed(&gateway, secrets, [(true, true), (false, false)]).await;

    gateway.run(&["client", "rotate", "--code", CLIENT, "callback-secret", "--to", new.expose()]);
    until_signed(&gateway, secrets, [(true, true), (true, false)]).await;

    gateway.run(&["client", "set", "--code", CLIENT, "--no-former"]);
    until_signed(&gateway, secrets, [(false, false), (true, true)]).await;
    gateway.end().await;
}

/// Callers behind a proxy: each request goes to one of the intakes that are in it.
struct Load {
    intakes: Arc<Mutex<Vec<String>>>,
    enough: Arc<AtomicBool>,
    sending: JoinHandle<Vec<(Caller, i64)>>,
}

impl Load {
    fn start(caller: Caller) -> Self {
        let intakes = Arc::new(Mutex::new(vec![caller.base.clone()]));
        let enough = Arc::new(AtomicBool::new(false));
        let (proxy, end) = (Arc::clone(&intakes), Arc::clone(&enough));
        let sending = tokio::spawn(async move {
            let mut accepted = Vec::new();
            while !end.load(Ordering::Relaxed) {
                let at = proxy.lock().last().unwrap().clone();
                let caller = caller.at(&at);
                let id = caller.message("oSandboxUser01", &[]).await;
                accepted.push((caller, id));
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
            accepted
        });
        Self { intakes, enough, sending }
    }
}

/// Gives all processes this key: one new process of each kind, then an end to the former one, which is at work by then.
async fn replace_processes(gateway: &mut Gateway, load: &Load, key: &str) {
    let caller = gateway.caller.at(load.intakes.lock().last().unwrap());
    caller.finished(caller.message("oSandboxUser01", &[]).await).await;
    gateway.set("WXGATE_SECRET_KEY", key);
    let address = gateway.start_intake().await;
    load.intakes.lock().push(format!("http://{address}"));
    gateway.start_worker();
    let (mut intake, mut worker) = (gateway.intakes.remove(0), gateway.workers.remove(0));
    block_in_place(|| assert!(intake.terminate().success() && worker.terminate().success()));
}

async fn the_key_is_replaced_under_load_and_no_request_fails() {
    let mut gateway = Plan::new(Pairing::Servers).start().await;
    let old = gateway.setting("WXGATE_SECRET_KEY").unwrap().to_owned();
    let new = Keyring::generate_key();
    let new = new.expose();
    let load = Load::start(gateway.caller.clone());

    replace_processes(&mut gateway, &load, &format!("{old},{new}")).await;
    replace_processes(&mut gateway, &load, &format!("{new},{old}")).await;
    gateway.run(&["migrate"]);
    replace_processes(&mut gateway, &load, new).await;

    load.enough.store(true, Ordering::Relaxed);
    let accepted = load.sending.await.unwrap();
    let last = Caller::clone(&accepted.last().unwrap().0);
    for (_, id) in &accepted {
        assert_eq!(last.finished(*id).await["state"], "succeeded");
    }
    assert!(accepted.len() > 20, "{}", accepted.len());
    assert_eq!(
        reached_all(&gateway.wechat),
        accepted.len() + 3,
        "with those of the processes that were replaced"
    );
    gateway.set("WXGATE_SECRET_KEY", &old);
    let (opened, _, why) = gateway.try_run(&["client", "list"]);
    assert!(!opened && why.contains("is not the key"), "the old key opens nothing any more: {why}");
    gateway.end().await;
}
