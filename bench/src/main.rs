//! `wxgate-bench`: measures a built `wxgate` on one or both pairings. `scripts/bench` builds both
//! programs and runs this with private servers.

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use clap::{Parser, ValueEnum};
use jiff::Timestamp;
use tokio::signal::unix::{SignalKind, signal};
use wxgate_bench::ceilings::Ceilings;
use wxgate_bench::history::{Conditions, History, Record, Stamp};
use wxgate_bench::pairing::Pairing;
use wxgate_bench::phases::{Plan, measure};
use wxgate_bench::report::Report;
use wxgate_bench::request::unix_seconds;
use wxgate_bench::scale::Scale;
use wxgate_bench::{backlog, charts, machine, upgrade};

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
    /// Seconds of full load while nothing is sent on; 0 leaves that out.
    #[arg(long, default_value_t = 3)]
    accept_seconds: u64,
    /// Milliseconds that WeChat takes to answer a message.
    #[arg(long, default_value_t = 0)]
    wechat_delay: u64,
    /// Measure instead how it scales: over two apps with a WeChat that takes 100 ms, and with two workers.
    #[arg(long, conflicts_with_all = ["backlog", "upgrade_from", "wechat_delay", "json"])]
    scale: bool,
    /// Measure instead what it costs that so many jobs wait.
    #[arg(long, value_name = "JOBS", value_parser = clap::value_parser!(u64).range(1..=10_000_000))]
    backlog: Option<u64>,
    /// Measure instead an upgrade from this older program (PostgreSQL + RabbitMQ).
    #[arg(long, value_name = "PROGRAM", conflicts_with = "backlog")]
    upgrade_from: Option<PathBuf>,
    /// Write the figures to this file, too, as JSON.
    #[arg(long)]
    json: Option<PathBuf>,
    /// Draw the figures into this file, as SVG.
    #[arg(long, value_name = "FILE", overrides_with = "plot")]
    plot: Option<PathBuf>,
    /// Compare with the last run in this file, and add this one as a line of JSON.
    #[arg(long, value_name = "FILE", overrides_with = "history")]
    history: Option<PathBuf>,
    /// The gateway's revision, for the history.
    #[arg(long, value_name = "REVISION")]
    commit: Option<String>,
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

    async fn stamp(&self) -> Result<Stamp> {
        Ok(Stamp {
            at: Timestamp::from_second(i64::try_from(unix_seconds())?)?.to_string(),
            commit: self.commit.clone(),
            machine: machine::describe(&std::env::temp_dir()),
            busy_percent: machine::busy_percent().await?,
            seconds: self.seconds,
            conditions: Conditions {
                connections: self.connections,
                rate: self.rate,
                wechat_delay_ms: self.wechat_delay,
            },
        })
    }

    fn history(&self) -> Result<History> {
        self.history.as_deref().map_or_else(|| Ok(History::default()), History::read)
    }

    fn remember(&self, record: &Record) -> Result<()> {
        self.history.as_deref().map_or(Ok(()), |file| record.append(file))
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
    let clean = tokio::select! {
        clean = act(&arguments) => clean?,
        interrupted = interruption() => return interrupted,
    };
    Ok(if clean { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Does what was asked for, and tells whether everything went through exactly once.
async fn act(arguments: &Arguments) -> Result<bool> {
    if let Some(old) = &arguments.upgrade_from {
        upgraded(arguments, old).await
    } else if let Some(jobs) = arguments.backlog {
        behind(arguments, jobs).await
    } else if arguments.scale {
        scaled(arguments).await
    } else {
        run(arguments).await
    }
}

/// Upgrades a gateway under load.
async fn upgraded(arguments: &Arguments, old: &Path) -> Result<bool> {
    let pairing = Pairing::servers_from_environment()?;
    let upgrade = upgrade::measure(old, &arguments.binary, &pairing, &arguments.plan()).await?;
    println!("{upgrade}");
    Ok(upgrade.tally.is_clean())
}

/// Measures each pairing with a short queue and a long one.
async fn behind(arguments: &Arguments, jobs: u64) -> Result<bool> {
    println!("machine: {}", machine::describe(&std::env::temp_dir()));
    for pairing in arguments.pairing.pairings()? {
        let measured = backlog::measure(&arguments.binary, &pairing, &arguments.plan(), jobs).await;
        println!("{}", measured.with_context(|| format!("cannot measure {}", pairing.title()))?);
    }
    Ok(true)
}

/// Measures how each pairing scales.
async fn scaled(arguments: &Arguments) -> Result<bool> {
    let (stamp, history) = (arguments.stamp().await?, arguments.history()?);
    let mut scale = Scale { stamp, tables: Vec::new(), tallies: Vec::new(), history };
    for pairing in arguments.pairing.pairings()? {
        eprintln!("measuring how {} scales …", pairing.title());
        let measured = scale.measure(&arguments.binary, &pairing, &arguments.plan()).await;
        measured.with_context(|| format!("cannot measure {}", pairing.title()))?;
    }
    println!("{scale}");
    arguments.remember(&scale.record())?;
    Ok(scale.is_clean())
}

async fn run(arguments: &Arguments) -> Result<bool> {
    let (stamp, history) = (arguments.stamp().await?, arguments.history()?);
    let pairings = arguments.pairing.pairings()?;
    eprintln!("measuring what the machine does alone …");
    let ceilings = Ceilings::measure(&pairings, arguments.connections.into(), arguments.rate).await?;
    let mut measurements = Vec::new();
    for pairing in pairings {
        eprintln!("measuring {} …", pairing.title());
        let measurement = measure(&arguments.binary, &pairing, &arguments.plan()).await;
        measurements.push(measurement.with_context(|| format!("cannot measure {}", pairing.title()))?);
    }
    let report = Report { stamp, load: arguments.load(), ceilings, measurements, history };
    println!("{report}");
    arguments.remember(&report.record())?;
    if let Some(file) = &arguments.json {
        write(file, &serde_json::to_string_pretty(&report)?)?;
    }
    if let Some(file) = &arguments.plot {
        write(file, &charts::draw(&report))?;
    }
    Ok(report.is_clean())
}

/// Folders that are missing are made.
fn write(file: &Path, text: &str) -> Result<()> {
    let folder = file.parent().unwrap_or(Path::new(""));
    let written = std::fs::create_dir_all(folder).and_then(|()| std::fs::write(file, text));
    written.with_context(|| format!("cannot write {}", file.display()))
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
