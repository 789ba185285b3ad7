//! `wxgate-faults`: tries a built `wxgate` on one or both pairings. `scripts/faults` builds both
//! programs and runs this with private servers.

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use clap::{Parser, ValueEnum};
use tokio::signal::unix::{SignalKind, signal};
use wxgate_faults::report::Report;
use wxgate_faults::run::{Plan, run, title};
use wxgate_faults::schedule::draw;
use wxgate_tests::Pairing;

/// Kills, freezes, cuts off and fills up a gateway under load, and counts what came of it. Exits 1 when
/// anything was lost, doubled or told wrongly.
#[derive(Debug, Parser)]
#[command(name = "wxgate-faults")]
struct Arguments {
    /// The gateway's program.
    #[arg(long, default_value = "target/debug/wxgate")]
    binary: PathBuf,
    /// What to try. Servers are those of `scripts/servers run`.
    #[arg(long, value_enum, default_value_t = Choice::Both)]
    pairing: Choice,
    /// Minutes of load and faults, about 17 faults each; 0.1 to 600.
    #[arg(long = "minutes", value_name = "MINUTES", default_value = "15", value_parser = minutes)]
    length: Duration,
    /// Which faults come when: the same for the same seed.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Requests a second.
    #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..=200))]
    rate: u32,
    /// Print the schedule and do nothing.
    #[arg(long)]
    schedule: bool,
    /// Write the figures to this file, too, as JSON.
    #[arg(long)]
    json: Option<PathBuf>,
    /// Keep the processes' logs in this folder.
    #[arg(long)]
    logs: Option<PathBuf>,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Choice {
    Embedded,
    Servers,
    Both,
}

impl Choice {
    fn pairings(self) -> Vec<Pairing> {
        match self {
            Self::Embedded => vec![Pairing::Embedded],
            Self::Servers => vec![Pairing::Servers],
            Self::Both => vec![Pairing::Embedded, Pairing::Servers],
        }
    }
}

impl Arguments {
    fn plan(&self) -> Plan {
        Plan {
            binary: self.binary.clone(),
            length: self.length,
            seed: self.seed,
            rate: self.rate,
            logs: self.logs.clone(),
        }
    }
}

fn minutes(text: &str) -> Result<Duration, String> {
    let minutes: f64 = text.parse().map_err(|_| "not a number".to_owned())?;
    if !(0.1..=600.0).contains(&minutes) {
        return Err("not between 0.1 and 600".to_owned());
    }
    Ok(Duration::from_secs_f64(minutes * 60.0))
}

#[tokio::main]
async fn main() -> Result<ExitCode> {
    let arguments = Arguments::parse();
    if arguments.schedule {
        print_schedules(&arguments);
        return Ok(ExitCode::SUCCESS);
    }
    let report = tokio::select! {
        report = try_all(&arguments) => report?,
        interrupted = interruption() => return interrupted,
    };
    println!("{report}");
    if let Some(file) = &arguments.json {
        let text = serde_json::to_string_pretty(&report)?;
        std::fs::write(file, text).with_context(|| format!("cannot write {}", file.display()))?;
    }
    Ok(if report.is_clean() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

async fn try_all(arguments: &Arguments) -> Result<Report> {
    let mut runs = Vec::new();
    for pairing in arguments.pairing.pairings() {
        let figures = run(pairing, &arguments.plan()).await;
        runs.push(figures.with_context(|| format!("cannot try {}", title(pairing)))?);
    }
    Ok(Report { runs })
}

fn print_schedules(arguments: &Arguments) {
    for pairing in arguments.pairing.pairings() {
        println!("{}:", title(pairing));
        for planned in draw(arguments.seed, arguments.length, pairing, true) {
            println!("{planned}");
        }
    }
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
