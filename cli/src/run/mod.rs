//! The processes that stay: the gateway as one or in halves, the demo, the sandbox.

use std::net::SocketAddr;

use anyhow::bail;
use clap::Args;
use wxgate_settings::Settings;

use crate::open;

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
    /// Address of the simulated Upyun.
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:8182")]
    pub(crate) upyun_listen: SocketAddr,
}

/// Intake and workers in one process; brings the schema up to date by itself.
pub(crate) async fn serve(settings: Settings) -> anyhow::Result<()> {
    let _store = open::up_to_date(&settings).await?;
    bail!("'wxgate serve' is not built yet")
}

/// The intake alone.
pub(crate) async fn api(settings: Settings) -> anyhow::Result<()> {
    let _store = open::as_it_is(&settings).await?;
    bail!("'wxgate api' is not built yet")
}

/// A worker alone.
pub(crate) async fn worker(settings: Settings) -> anyhow::Result<()> {
    let _store = open::as_it_is(&settings).await?;
    bail!("'wxgate worker' is not built yet")
}

/// Everything in one process, with the sandbox in WeChat's place.
pub(crate) async fn demo(_settings: Settings, args: DemoArgs) -> anyhow::Result<()> {
    bail!("'wxgate demo{}' is not built yet", if args.once { " --once" } else { "" })
}

/// The sandbox alone.
pub(crate) async fn sandbox(_settings: Settings, args: SandboxArgs) -> anyhow::Result<()> {
    bail!("'wxgate sandbox' on {} and {} is not built yet", args.listen, args.upyun_listen)
}
