//! The processes that stay: the gateway as one or in halves, the demo, the sandbox.

mod demo;
mod gateway;
pub(crate) mod media;
mod signals;

use std::net::SocketAddr;
use std::sync::Arc;

use anyhow::Context as _;
use clap::Args;
use wxgate_sandbox::{Options, Sandbox};
use wxgate_settings::Settings;
use wxgate_store::Store;

use self::gateway::{Gateway, Half};
use crate::open;

pub(crate) use self::demo::demo;

/// How the demo is to run.
#[derive(Args, Debug)]
pub(crate) struct DemoArgs {
    /// Exit when all went through: 0, or 1 if anything did not.
    #[arg(long)]
    pub(crate) once: bool,
}

/// Where the sandbox is to listen.
#[derive(Args, Debug)]
pub(crate) struct SandboxArgs {
    /// Address of the simulated WeChat.
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:8181")]
    pub(crate) listen: SocketAddr,
    /// Address of the simulated Upyun: storage, processing, and what is stored below /public/sandbox.
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:8182")]
    pub(crate) upyun_listen: SocketAddr,
}

/// Intake and workers in one process; brings the schema up to date by itself.
pub(crate) async fn serve(settings: &Settings) -> anyhow::Result<()> {
    let store = open::up_to_date(settings).await?;
    run(settings, store, &[Half::Intake, Half::Worker]).await
}

/// The intake alone.
pub(crate) async fn api(settings: &Settings) -> anyhow::Result<()> {
    needs_servers(settings, "api")?;
    let store = open::as_it_is(settings).await?;
    run(settings, store, &[Half::Intake]).await
}

/// A worker alone.
pub(crate) async fn worker(settings: &Settings) -> anyhow::Result<()> {
    needs_servers(settings, "worker")?;
    let store = open::as_it_is(settings).await?;
    run(settings, store, &[Half::Worker]).await
}

/// The sandbox alone. Its random numbers begin with the time, so that a restarted one does not hand
/// out the tokens and message ids of its former run.
pub(crate) async fn sandbox(args: SandboxArgs) -> anyhow::Result<()> {
    let SandboxArgs { listen, upyun_listen } = args;
    let upyun = Some(upyun_listen);
    let options = Options { listen, upyun_listen: upyun, seed: rand::random(), ..Options::default() };
    let sandbox =
        Sandbox::start(options).with_context(|| format!("cannot listen on {listen} and {upyun_listen}"))?;
    println!("The simulated WeChat listens on {0}; {0}/_sandbox/ explains it.", sandbox.url());
    if let Some(upyun) = sandbox.upyun_url() {
        println!(
            "The simulated Upyun listens on {upyun}: bucket, operator and password are explained there, too."
        );
    }
    signals::asked_to_end().await;
    sandbox.stop().await.context("the sandbox did not end well")
}

/// Halves that run as processes of their own share a database server and a broker.
fn needs_servers(settings: &Settings, command: &str) -> anyhow::Result<()> {
    anyhow::ensure!(
        settings.pairing.has_servers(),
        "'wxgate {command}' needs a PostgreSQL and a RabbitMQ server: set WXGATE_DATABASE_URL and WXGATE_AMQP_URL, or \
         run 'wxgate serve', which needs neither"
    );
    Ok(())
}

/// Runs until asked to end, then lets what is under way finish.
async fn run(settings: &Settings, store: Arc<dyn Store>, halves: &[Half]) -> anyhow::Result<()> {
    let gateway = Gateway::start(settings, store, halves).await?;
    signals::asked_to_end().await;
    tracing::info!("gateway.stopping");
    tokio::select! {
        () = gateway.stop() => tracing::info!("gateway.stopped"),
        () = signals::asked_to_end() => tracing::warn!("gateway.stopped_at_once"),
    }
    Ok(())
}
