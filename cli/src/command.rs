//! The commands there are.

use clap::{Parser, Subcommand};
use wxgate_settings::Settings;

use crate::app::AppCommand;
use crate::callbacks::CallbacksCommand;
use crate::card::CardCommand;
use crate::check::CheckArgs;
use crate::client::ClientCommand;
use crate::component::ComponentCommand;
use crate::interface::InterfaceCommand;
use crate::jobs::JobsCommand;
use crate::output::Output;
use crate::run::{DemoArgs, SandboxArgs};
use crate::sign::SignArgs;
use crate::{app, callbacks, card, check, client, component, interface, jobs, logging, migrate, run, sign};

/// A self-hosted WeChat gateway: takes signed requests, does them reliably, reports back.
#[derive(Debug, Parser)]
#[command(name = "wxgate", version, arg_required_else_help = true, max_term_width = 100)]
#[command(
    after_help = "Settings are environment variables (WXGATE_…) over an optional wxgate.toml; 'wxgate check' \
                        says whether they are right."
)]
pub(crate) struct CommandLine {
    /// Print results on standard output and errors on standard error as JSON.
    #[arg(long, global = true, display_order = 100)]
    pub(crate) json: bool,
    /// What to do.
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Run the whole gateway in one process; needs no settings.
    Serve,
    /// Run the intake alone, on Postgres and RabbitMQ.
    Api,
    /// Run a worker alone, on Postgres and RabbitMQ.
    Worker,
    /// Show the gateway at work with a simulated WeChat; needs no settings.
    Demo(DemoArgs),
    /// Run the simulated WeChat and Upyun alone.
    Sandbox(SandboxArgs),
    /// Bring the database's schema up to date, and seal its secrets with the first key.
    Migrate,
    /// Say which setting, server or credential is wrong, and what to do.
    Check(CheckArgs),
    /// Add, list, change or remove WeChat apps.
    #[command(subcommand)]
    App(AppCommand),
    /// Add, list, change or remove clients: those who call the gateway.
    #[command(subcommand)]
    Client(ClientCommand),
    /// Add, list, change or remove third-party platforms, and have apps authorise them.
    #[command(subcommand)]
    Component(ComponentCommand),
    /// Switch interfaces on or off for all clients.
    #[command(subcommand)]
    Interface(InterfaceCommand),
    /// Look at jobs and mend them.
    #[command(subcommand)]
    Jobs(JobsCommand),
    /// Look at callbacks that were given up and send them again.
    #[command(subcommand)]
    Callbacks(CallbacksCommand),
    /// Bring a first card into a tester's hand, and deposit codes of your own.
    #[command(subcommand)]
    Card(CardCommand),
    /// Sign a request and print it as a ready curl line.
    Sign(SignArgs),
}

impl Command {
    /// Does it.
    ///
    /// # Errors
    /// A sentence for the operator, with causes.
    pub(crate) async fn run(self, output: Output) -> anyhow::Result<()> {
        let settings = match (Settings::from_process(), &self) {
            (Ok(settings), _) => settings,
            (Err(error), Self::Check(_)) => return check::report_settings(&error, output),
            (Err(error), _) => return Err(error.into()),
        };
        match self {
            Self::Serve => logged(&settings, run::serve(&settings)).await,
            Self::Api => logged(&settings, run::api(&settings)).await,
            Self::Worker => logged(&settings, run::worker(&settings)).await,
            Self::Demo(args) => run::demo(&settings, args).await,
            Self::Sandbox(args) => run::sandbox(args).await,
            Self::Migrate => migrate::run(&settings, output).await,
            Self::Check(args) => check::run(&settings, &args, output).await,
            Self::App(command) => app::run(&settings, command, output).await,
            Self::Client(command) => client::run(&settings, command, output).await,
            Self::Component(command) => component::run(&settings, command, output).await,
            Self::Interface(command) => interface::run(&settings, command, output).await,
            Self::Jobs(command) => jobs::run(&settings, command, output).await,
            Self::Callbacks(command) => callbacks::run(&settings, command, output).await,
            Self::Card(command) => card::run(&settings, command, output).await,
            Self::Sign(args) => sign::run(&settings, args, output).await,
        }
    }
}

/// Runs a process that stays: it logs, and sends its last spans when it ends.
async fn logged(settings: &Settings, run: impl Future<Output = anyhow::Result<()>>) -> anyhow::Result<()> {
    let traces = logging::start(&settings.log)?;
    let result = run.await;
    if let Some(traces) = traces {
        traces.end().await;
    }
    result
}
