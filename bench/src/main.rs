//! `wxgate-bench`: measures a built `wxgate` on one or both pairings. `scripts/bench` builds both
//! programs and runs this with private servers.

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use clap::{Parser, ValueEnum};
use tokio::signal::unix::{SignalKind, signal};
use wxgate_bench::pairing::Pairing;
use wxgate_bench::phases::{Plan, measure};
use wxgate_bench::report::Report;
use wxgate_bench::{backlog, machine, upgrade};

/// Measures a gateway: signed template sends over kept-open connections, each with a callback.
#[derive(Debug, Parser)]
#[command(name = "wxgate-bench")]
struct Arguments {
    /// The gateway's program.
    #[arg(long, default_value = "target/release/wxgate")]
    binary: PathBuf,
    /// What to measure. Servers are taken from `WXGATE_TEST_POSTGRES_URL` and `WXGATE_TEST_AMQP_URL`.
    #[arg(long, value_enum, default_value_t = Choice::Both)]
    pairing: Choice,
    /// Connections kept open.
    #[arg(long, default_value_t = 64, value_parser = clap::value_parser!(u16).range(1..=4096))]
    connections: u16,
    /// Seconds of full load.
    #[arg(long, default_value_t = 10)]
    seconds: u64,
    /// Requests a second under light load.
    #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    rate: u32,
    /// Seconds of light load.
    #[arg(long, default_value_t = 10)]
    light_seconds: u64,
    /// Seconds of full load while no worker runs (Postgres + RabbitMQ); 0 leaves that out.
    #[arg(long, default_value_t = 3)]
    accept_seconds: u64,
    /// Milliseconds that WeChat takes to answer a message.
    #[arg(long, default_value_t = 0)]
    wechat_delay: u64,
    /// Measure instead what it costs that so many jobs wait.
    #[arg(long, value_name = "JOBS", value_parser = clap::value_parser!(u64).range(1..=10_000_000))]
    backlog: Option<u64>,
    /// Measure instead an upgrade from this older program (PostgreSQL + RabbitMQ).
    #[arg(long, value_name = "PROGRAM", conflicts_with = "backlog")]
    upgrade_from: Option<PathBuf>,
    /// Write the figures to this file, too, as JSON.
    #[arg(long)]
    json: Option<PathBuf>,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Choice {
    Embedded,
    Servers,
    Both,
}

impl Choice {
    fn pairings(self) -> Result<Vec<Pairing>> {
        Ok(match self {
            Self::Embedded => vec![Pairing::Embedded],
            Self::Servers => vec![Pairing::servers_from_environment()?],
            Self::Both => vec![Pairing::Embedded, Pairing::servers_from_environment()?],
        })
    }
}

impl Arguments {
    fn plan(&self) -> Plan {
        Plan {
            connections: self.connections.into(),
            warm_up: Duration::from_secs(2),
            full: Duration::from_secs(self.seconds),
            light: Duration::from_secs(self.light_seconds),
            rate: self.rate,
            accept_only: Duration::from_secs(self.accept_seconds),
            wechat_delay: Duration::from_millis(self.wechat_delay),
        }
    }

    fn load(&self) -> String {
        format!(
            "signed async_send_tpl, bodies of about 600 bytes, {} connections, {} s; light: {} a second, {} s; \
             WeChat answers after {} ms; everything on this machine",
            self.connections, self.seconds, self.rate, self.light_seconds, self.wechat_delay
        )
    }
}

/// One thread: on a small machine the load must leave the others to what it measures.
#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<ExitCode> {
    let arguments = Arguments::parse();
    if let Some(old) = &arguments.upgrade_from {
        return tokio::select! {
            measured = upgraded(&arguments, old) => measured,
            interrupted = interruption() => interrupted,
        };
    }
    if let Some(jobs) = arguments.backlog {
        return tokio::select! {
            measured = behind(&arguments, jobs) => measured,
            interrupted = interruption() => interrupted,
        };
    }
    let report = tokio::select! {
        report = run(&arguments) => report?,
        interrupted = interruption() => return interrupted,
    };
    println!("{report}");
    if let Some(file) = &arguments.json {
        let text = serde_json::to_string_pretty(&report)?;
        std::fs::write(file, text).with_context(|| format!("cannot write {}", file.display()))?;
    }
    Ok(if report.is_clean() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Upgrades a gateway under load.
async fn upgraded(arguments: &Arguments, old: &Path) -> Result<ExitCode> {
    let pairing = Pairing::servers_from_environment()?;
    let upgrade = upgrade::measure(old, &arguments.binary, &pairing, &arguments.plan()).await?;
    println!("{upgrade}");
    Ok(if upgrade.tally.is_clean() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Measures each pairing with a short queue and a long one.
async fn behind(arguments: &Arguments, jobs: u64) -> Result<ExitCode> {
    println!("machine: {}", machine::describe(&std::env::temp_dir()));
    for pairing in arguments.pairing.pairings()? {
        let measured = backlog::measure(&arguments.binary, &pairing, &arguments.plan(), jobs).await;
        println!("{}", measured.with_context(|| format!("cannot measure {}", pairing.title()))?);
    }
    Ok(ExitCode::SUCCESS)
}

async fn run(arguments: &Arguments) -> Result<Report> {
    let mut measurements = Vec::new();
    for pairing in arguments.pairing.pairings()? {
        eprintln!("measuring {} …", pairing.title());
        let measurement = measure(&arguments.binary, &pairing, &arguments.plan()).await;
        measurements.push(measurement.with_context(|| format!("cannot measure {}", pairing.title()))?);
    }
    Ok(Report { machine: machine::describe(&std::env::temp_dir()), load: arguments.load(), measurements })
}

/// Ends with an error on INT or TERM, so that what was started is ended on the way out.
async fn interruption() -> Result<ExitCode> {
    let (mut int, mut term) = (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?);
    tokio::select! {
        _ = int.recv() => {},
        _ = term.recv() => {},
    }
    bail!("interrupted")
}
