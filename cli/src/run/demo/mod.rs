//! `wxgate demo`: the whole way of a message, for people who want to see it before they read about it.
//!
//! Everything runs in this process, on free ports and with a data folder of its own that goes with
//! it: the gateway on the embedded store, the simulated WeChat, a caller that signs its requests and
//! receives callbacks.

mod caller;
mod media;
mod receiver;
mod scenes;

use std::net::{SocketAddr, TcpListener};
use std::path::Path;
use std::time::Instant;

use anyhow::{Context as _, bail};
use wxgate_api::TEST_TOOL;
use wxgate_sandbox::{APP_ID, APP_SECRET, Options, Sandbox, UPYUN_BUCKET, UPYUN_OPERATOR, UPYUN_PASSWORD};
use wxgate_secret::Secret;
use wxgate_settings::Settings;
use wxgate_signing::WebhookSecret;
use wxgate_store::model::operate::{App, Client};

use self::caller::Caller;
use self::receiver::Receiver;
use super::gateway::{Gateway, Half};
use super::{DemoArgs, signals};
use crate::open;

const CLIENT: &str = "demo";

/// Shows it, and with `--once` ends.
pub(crate) async fn demo(settings: &Settings, args: DemoArgs) -> anyhow::Result<()> {
    // Only problems: what happens is told in our own words.
    let log = wxgate_settings::Log {
        filter: "warn,wxgate_worker=error,lapin=off".to_owned(),
        ..settings.log.clone()
    };
    crate::logging::start(&log)?;
    let began = Instant::now();
    let folder = tempfile::tempdir().context("no temporary folder can be made")?;
    let any = SocketAddr::from(([127, 0, 0, 1], 0));
    let sandbox = Sandbox::start(Options { listen: any, upyun_listen: Some(any), ..Options::default() })?;
    let receiver = Receiver::start()?;
    let upyun = sandbox.upyun_url().context("the simulated Upyun has no address")?;
    let admin_token = random_secret();
    let settings = own_settings(folder.path(), &sandbox.url(), &upyun, &admin_token)?;
    let store = open::up_to_date(&settings).await?;
    let callback_secret = WebhookSecret::generate().to_text();
    let secret = random_secret();
    store.put_app(&app()).await?;
    store.put_client(&client(&secret, &callback_secret)).await?;
    let gateway = Gateway::start(&settings, store, &[Half::Intake, Half::Worker]).await?;
    let base = format!("http://{}", gateway.public_address().context("the intake has no address")?);
    println!("The gateway listens on {base}, the simulated WeChat on {}.", sandbox.url());
    println!("All of it runs in this process; its data is in {} until it ends.\n", folder.path().display());
    let caller = Caller::new(&base, CLIENT, secret.clone())?;
    let failed = scenes::play(&caller, &receiver, &sandbox.control(), &callback_secret).await?;
    if failed > 0 {
        bail!("{failed} of the demo's steps did not go through");
    }
    println!("\nAll went through, in {:.1} s.", began.elapsed().as_secs_f64());
    if !args.once {
        invite(&base, &sandbox.url(), &secret);
        if let Some(console) = gateway.console() {
            println!("The console is at {console}; its token is {}.", admin_token.expose());
        }
        signals::asked_to_end().await;
    }
    gateway.stop().await;
    sandbox.stop().await.context("the sandbox did not end well")
}

/// Free ports, a folder of its own, the sandbox as WeChat. What the environment says is not meant for
/// the demo.
fn own_settings(folder: &Path, wechat: &str, upyun: &str, admin_token: &Secret) -> anyhow::Result<Settings> {
    let database = format!("sqlite://{}", folder.join("wxgate.db").display());
    let listen = free_address()?.to_string();
    let bucket = format!("{upyun}/public/{UPYUN_BUCKET}");
    let given = [
        ("WXGATE_LISTEN", listen.as_str()),
        ("WXGATE_ADMIN_LISTEN", "127.0.0.1:0"),
        ("WXGATE_ADMIN_TOKEN", admin_token.expose()),
        ("WXGATE_DATABASE_URL", &database),
        ("WXGATE_WECHAT_API_BASE", wechat),
        ("WXGATE_WECHAT_MP_BASE", wechat),
        ("WXGATE_WECHAT_OPEN_BASE", wechat),
        ("WXGATE_UPYUN_API_BASE", upyun),
        ("WXGATE_UPYUN_PROCESS_BASE", upyun),
        ("WXGATE_UPYUN_PUBLIC_BASE", &bucket),
        ("WXGATE_UPYUN_BUCKET", UPYUN_BUCKET),
        ("WXGATE_UPYUN_OPERATOR", UPYUN_OPERATOR),
        ("WXGATE_UPYUN_PASSWORD", UPYUN_PASSWORD),
        ("WXGATE_CALLBACK_ALLOW", "127.0.0.1/32"),
    ];
    let given = given.map(|(name, value)| (name.to_owned(), value.to_owned()));
    Ok(Settings::load(given, None)?)
}

/// An address that nobody listens on: the gateway has to know its own before it listens, since Upyun
/// is told it.
fn free_address() -> std::io::Result<SocketAddr> {
    TcpListener::bind("127.0.0.1:0")?.local_addr()
}

fn random_secret() -> Secret {
    Secret::new(format!("{:032x}", rand::random::<u128>()))
}

fn app() -> App {
    App {
        app_id: APP_ID.to_owned(),
        enabled: true,
        secret: Some(Secret::new(APP_SECRET)),
        token: wxgate_store::model::operate::TokenMode::Normal,
        event_token: None,
        aes_key: None,
        component_appid: None,
        authorised: false,
        safe_push_only: false,
        rate: None,
        concurrency: None,
    }
}

fn client(secret: &Secret, callback_secret: &Secret) -> Client {
    Client {
        code: CLIENT.to_owned(),
        secret: Some(secret.clone()),
        former_secret: None,
        app_id: Some(APP_ID.to_owned()),
        open: true,
        allow: vec!["*".to_owned()],
        callback_secret: Some(callback_secret.clone()),
        former_callback_secret: None,
        callback_format: wxgate_store::model::operate::CallbackFormat::Form,
        signing: wxgate_store::model::operate::Signing::Both,
        on_ambiguity: wxgate_job::decide::OnAmbiguity::Resend,
    }
}

fn invite(base: &str, wechat: &str, secret: &Secret) {
    println!("\nIt stays up until Ctrl-C. Try it yourself:");
    println!("  {base}{TEST_TOOL} is the test tool: client_code {CLIENT}, client_secret {}", secret.expose());
    println!("  wxgate sign --interface async_send_tpl --url {base} --secret {} \\", secret.expose());
    println!("    client_code={CLIENT} 'tpl_data={}'", scenes::template("oSandboxUser07"));
    println!("prints a request as a curl line; {wechat}/_sandbox/messages shows what reached its users.");
}
