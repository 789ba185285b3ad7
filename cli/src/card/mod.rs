//! `wxgate card …`: a first card in a tester's hand ([`hello`]), and codes of the merchant's own by the
//! hundred thousand ([`deposit`]). Both ask WeChat themselves, with the store's apps and tokens, and wait while it
//! is [`busy`].

mod busy;
mod deposit;
mod hello;

use std::time::Duration;

use anyhow::{Context as _, bail};
use clap::Subcommand;
use tokio::time::Instant;
use wxgate_settings::Settings;
use wxgate_store::Directory;

use self::deposit::DepositArgs;
use self::hello::HelloArgs;
use crate::output::Output;

/// For one call, a new token included.
const PATIENCE: Duration = Duration::from_secs(15);

/// `wxgate card …`.
#[derive(Debug, Subcommand)]
pub(crate) enum CardCommand {
    /// Walk from an access token to a card that testers can take; without options with a sample card and a
    /// simulated WeChat.
    Hello(HelloArgs),
    /// Bring in card codes of your own, any number of them; can be repeated at any time.
    Deposit(DepositArgs),
}

/// Runs the command.
pub(crate) async fn run(settings: &Settings, command: CardCommand, output: Output) -> anyhow::Result<()> {
    match command {
        CardCommand::Hello(args) => hello::run(settings, args, output).await,
        CardCommand::Deposit(args) => deposit::run(settings, args, output).await,
    }
}

/// When a call that is made now is given up.
fn deadline() -> Instant {
    Instant::now() + PATIENCE
}

/// Refuses an app that WeChat cannot be asked for.
fn expect_usable(directory: &Directory, app_id: &str) -> anyhow::Result<()> {
    let app = directory.apps.get(app_id).with_context(|| {
        format!("there is no app {app_id}: 'wxgate app list' lists them, 'wxgate app add' adds one")
    })?;
    if !app.enabled {
        bail!("app {app_id} is disabled: enable it with 'wxgate app set --app-id {app_id} --enabled'");
    }
    Ok(())
}
