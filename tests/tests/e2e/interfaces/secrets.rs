//! What is secret is told to nobody who need not know it: everything that the processes log at the finest level,
//! whatever they run into, all that they answer, and what operators are shown, is searched for it.

use std::fmt::Write as _;
use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use wxgate_sandbox::{APP_ID, APP_SECRET, Fault, Rule, UPYUN_PASSWORD};
use wxgate_tests::{Caller, Gateway, Pairing, Plan, SECRET};

use super::asked;
use super::platform::{Request, authorise, borrowed, put_on_a_platform, refresh_token, requests};
use crate::support::TOKENS_ARE_OLD;

crate::on_both_pairings!(no_secret_is_told_at_any_level);

const ADMIN_TOKEN: &str = "5f0c1fe5a4f94f1c8a0b7d6b6a2d3e4f";
/// Of servers that ask for none.
const DATABASE_PASSWORD: &str = "the-databases-password";
/// Of a user that there is not.
const BROKER_PASSWORD: &str = "the-brokers-password";
/// A signature that fits nothing.
const FORGED: &str = "0123456789abcdef0123456789abcdef";
/// Those that hand secrets out, to whoever is granted them by name.
const HAND_OUT: [&str; 2] = ["get_drawboard_data", "get_wxcard_drawboard_data"];

/// What must not be told, each by what it is.
struct Secrets(Vec<(&'static str, String)>);

impl Secrets {
    fn add(&mut self, what: &'static str, secret: &str) {
        assert!(secret.len() >= 10, "{what} could be found by chance: '{secret}'");
        self.0.push((what, secret.to_owned()));
    }

    /// Fails when one of them is in this text: as it is, in base64, or as a list of bytes.
    #[track_caller]
    fn are_not_in(&self, place: &str, told: &str) {
        for (what, secret) in &self.0 {
            let bytes: Vec<String> = secret.bytes().map(|byte| byte.to_string()).collect();
            for written in [secret.clone(), STANDARD.encode(secret), bytes.join(", ")] {
                let Some(at) = told.find(&written) else { continue };
                let lines = told[..at].rfind('\n').map_or(told, |start| &told[start + 1..]);
                panic!("{what} in {place}: {}", lines.lines().next().unwrap());
            }
        }
    }
}

fn planted(gateway: &Gateway) -> Secrets {
    let mut secrets = Secrets(Vec::new());
    secrets.add("the app's secret", APP_SECRET);
    secrets.add("the client's secret", SECRET);
    secrets.add("the callback secret", gateway.callback_secret.trim_start_matches("whsec_"));
    secrets.add("the admin token", ADMIN_TOKEN);
    secrets.add("Upyun's password", UPYUN_PASSWORD);
    secrets.add("the database's password", DATABASE_PASSWORD);
    secrets.add("the broker's password", BROKER_PASSWORD);
    secrets.add("a forged signature", FORGED);
    if let Some(key) = gateway.setting("WXGATE_SECRET_KEY") {
        secrets.add("the key", key);
    }
    secrets
}

/// What the two interfaces hand out that do.
async fn tokens(gateway: &Gateway, secrets: &mut Secrets, key: &str, page: &str) {
    let names = ["access_token", "authorizer_access_token", "component_access_token", "api_ticket"];
    for (interface, key) in HAND_OUT.into_iter().zip([key, page]) {
        let told = asked(&gateway.caller, interface, &[("key", key)]).await;
        for name in names {
            if let Some(token) = told[name].as_str().filter(|token| !token.is_empty()) {
                secrets.add(name, token);
            }
        }
    }
}

/// The keys of a springboard and of a card's page.
fn keys(requests: &[Request]) -> [&str; 2] {
    HAND_OUT.map(|wanted| {
        let (_, params) = requests.iter().find(|(interface, _)| *interface == wanted).unwrap();
        params[0].1.as_str()
    })
}

/// Every interface: as it is, signed by somebody else, and with the secret sent along. Answers what was told.
async fn ask_everything(caller: &Caller, requests: &[Request]) -> String {
    let mut told = String::new();
    for (interface, params) in requests {
        let params = borrowed(params);
        let signed = caller.sign(interface, &params);
        let spoilt = [&params[..], &[("client_secret", caller.secret.as_str())]].concat();
        if !HAND_OUT.contains(interface) {
            writeln!(told, "{:?}", caller.send(&signed).await).unwrap();
        }
        writeln!(told, "{:?}", caller.send(&signed.with_authcode(FORGED)).await).unwrap();
        writeln!(told, "{:?}", caller.call(interface, &spoilt).await).unwrap();
    }
    told
}

/// WeChat and Upyun fail in every way, for tokens too.
async fn while_they_fail(gateway: &Gateway, requests: &[Request]) -> String {
    let mut told = String::new();
    let faults = [Fault::Drop, Fault::Half, Fault::Status(502), Fault::Errcode(40001), Fault::Errcode(40013)];
    for fault in faults {
        gateway.wechat.rotate_tokens(APP_ID).unwrap();
        gateway.database.execute(TOKENS_ARE_OLD).await;
        let rule = Rule::new(fault.clone());
        let rule = if fault == Fault::Half { rule.after_effect() } else { rule };
        gateway.wechat.add_faults([rule]).unwrap();
        told.push_str(&ask_everything(&gateway.caller, requests).await);
        gateway.wechat.lift_faults();
    }
    told
}

/// What operators are shown, by those who know the token and those who do not.
async fn operators_are_shown(gateway: &Gateway) -> String {
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    let mut told = String::new();
    for admin in &gateway.admin {
        for path in ["metrics", "readyz", "healthz", "console", "admin/overview", "admin/jobs", "admin/apps"]
        {
            for token in [ADMIN_TOKEN, FORGED] {
                let request = http.get(format!("{admin}/{path}")).bearer_auth(token);
                told.push_str(&request.send().await.unwrap().text().await.unwrap());
            }
        }
        let login = http.post(format!("{admin}/console/login")).header("origin", admin);
        let login = login.body(format!("token={FORGED}")).send().await.unwrap();
        told.push_str(&login.text().await.unwrap());
    }
    told
}

/// Processes whose servers are not there, or do not let them in.
async fn strangers_to_their_servers(gateway: &mut Gateway, requests: &[Request]) -> String {
    gateway.set("WXGATE_WECHAT_API_BASE", "http://127.0.0.1:1");
    gateway.set("WXGATE_UPYUN_API_BASE", "http://127.0.0.1:1");
    let mut told = String::new();
    if gateway.pairing == Pairing::Servers {
        let database = gateway.database.url().replace("postgres@", &format!("postgres:{DATABASE_PASSWORD}@"));
        gateway.set("WXGATE_DATABASE_URL", &database);
        gateway.database.execute(TOKENS_ARE_OLD).await;
        let address = gateway.start_intake().await;
        gateway.start_worker();
        told = ask_everything(&gateway.caller.at(&format!("http://{address}")), requests).await;

        let broker = gateway.setting("WXGATE_AMQP_URL").unwrap().split('@').next_back().unwrap().to_owned();
        gateway.set("WXGATE_AMQP_URL", &format!("amqp://nobody:{BROKER_PASSWORD}@{broker}"));
        gateway.start_worker();
        let began = Instant::now();
        while !gateway.workers.last().unwrap().log().contains("ACCESS_REFUSED") {
            assert!(began.elapsed() < Duration::from_mins(1), "it was let in");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
    for command in [&["check", "--apps"][..], &["app", "list"], &["client", "list"], &["component", "list"]] {
        let (_, out, errors) = gateway.try_run(command);
        told.push_str(&out);
        told.push_str(&errors);
    }
    told
}

async fn no_secret_is_told_at_any_level(pairing: Pairing) {
    let plan = Plan::new(pairing).upyun().watched().client("--allow", &HAND_OUT.join(","));
    let plan = plan.set("WXGATE_LOG", "trace").set("WXGATE_ADMIN_TOKEN", ADMIN_TOKEN);
    let mut gateway = plan.set("WXGATE_SYNC_WAIT_MS", "200").start().await;
    let mut secrets = planted(&gateway);

    let own = requests(&gateway).await;
    let [key, page] = keys(&own);
    tokens(&gateway, &mut secrets, key, page).await;
    let mut told = ask_everything(&gateway.caller, &own).await;
    let platform = put_on_a_platform(&gateway).await;
    secrets.add("the platform's secret", &platform.secret);
    secrets.add("the platform's AES key", &platform.aes_key);
    secrets.add("the verify ticket", &authorise(&gateway).await);
    let by_platform = requests(&gateway).await;
    tokens(&gateway, &mut secrets, key, page).await;
    told.push_str(&ask_everything(&gateway.caller, &by_platform).await);
    secrets.add("the refresh token", &refresh_token(&gateway));

    told.push_str(&while_they_fail(&gateway, &by_platform).await);
    secrets.add("the refresh token", &refresh_token(&gateway));
    told.push_str(&operators_are_shown(&gateway).await);
    told.push_str(&strangers_to_their_servers(&mut gateway, &by_platform).await);
    for post in gateway.receiver.posts().iter().filter(|post| post.uri.starts_with("/hook")) {
        secrets.add("a callback's signature", post.authcode());
        secrets.are_not_in("a callback", &post.body);
    }
    secrets.are_not_in("an answer", &told);

    let mut processes: Vec<_> = gateway.intakes.drain(..).chain(gateway.workers.drain(..)).collect();
    for process in &mut processes {
        tokio::task::block_in_place(|| process.terminate());
        let log = process.log();
        assert!(log.contains(" TRACE "), "it logs what it is asked to");
        secrets.are_not_in("a log", &log);
        for openid in ["oSandboxUser01", "oSandboxUser02"] {
            assert!(!log.contains(openid), "an openid in a log");
        }
    }
    drop(processes);
    gateway.end().await;
}
