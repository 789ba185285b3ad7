//! What comes out: one measurement for each pairing, as JSON and as a table for people.

use std::fmt;

use serde::Serialize;

use crate::figures::{Figures, Latency};
use crate::tally::Tally;

/// A whole run of the tool.
#[derive(Clone, Debug, Serialize)]
pub struct Report {
    /// What it ran on.
    pub machine: String,
    /// What was sent, in words.
    pub load: String,
    /// One for each pairing.
    pub measurements: Vec<Measurement>,
}

/// What one pairing did.
#[derive(Clone, Debug, Serialize)]
pub struct Measurement {
    /// The pairing's title.
    pub pairing: String,
    /// Under as many requests as the connections carry.
    pub full: Figures,
    /// Under a steady light rate.
    pub light: Figures,
    /// While no worker ran, where there is such a mode.
    pub accept_only: Option<AcceptOnly>,
    /// The gateway's processes, without the servers'.
    pub processes: Vec<Process>,
    /// Processor time of the load tool for each job of the full load (ms).
    pub load_tool_cpu_ms_per_job: f64,
    /// Whether everything went through exactly once.
    pub tally: Tally,
}

/// Acceptance while no worker runs, and what a worker then does with the backlog.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct AcceptOnly {
    /// Requests accepted per second.
    pub accepted_per_s: f64,
    /// From when a request was due to its answer.
    pub accept: Latency,
    /// Jobs that waited when the worker came back.
    pub backlog: usize,
    /// Of those, called back per second from the worker's start to the last callback.
    pub backlog_per_s: f64,
}

/// One process of the gateway.
#[derive(Clone, Debug, Serialize)]
pub struct Process {
    /// Its command.
    pub role: String,
    /// Processor time for each job of the full load (ms).
    pub cpu_ms_per_job: f64,
    /// The most memory it ever held (KiB), read after the light load.
    pub peak_kib: u64,
    /// The memory it held after the light load (KiB).
    pub resident_kib: u64,
}

impl Report {
    /// Whether every pairing's tally is clean.
    #[must_use]
    pub fn is_clean(&self) -> bool {
        self.measurements.iter().all(|measurement| measurement.tally.is_clean())
    }

    fn row(
        &self,
        f: &mut fmt::Formatter<'_>,
        label: &str,
        cell: impl Fn(&Measurement) -> String,
    ) -> fmt::Result {
        write!(f, "{label:<44}")?;
        for measurement in &self.measurements {
            write!(f, "{:>24}", cell(measurement))?;
        }
        writeln!(f)
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "machine: {}\nload: {}\n", self.machine, self.load)?;
        self.row(f, "", |m| m.pairing.clone())?;
        self.row(f, "full load: accepted/s", |m| whole(m.full.accepted_per_s))?;
        self.row(f, "  called back/s while requests came in", |m| {
            whole(m.full.called_back_per_s_under_load)
        })?;
        self.row(f, "  jobs/s end to end, backlog included", |m| whole(m.full.end_to_end_per_s))?;
        self.row(f, "  accept p50 / p99 (ms)", |m| latency(m.full.accept))?;
        self.row(f, "  end to end p50 / p99 (ms)", |m| latency(m.full.end_to_end))?;
        self.row(f, "light load: accept p50 / p99 (ms)", |m| latency(m.light.accept))?;
        self.row(f, "  end to end p50 / p99 (ms)", |m| latency(m.light.end_to_end))?;
        self.row(f, "no worker: accepted/s", |m| alone(m, |a| whole(a.accepted_per_s)))?;
        self.row(f, "  accept p50 / p99 (ms)", |m| alone(m, |a| latency(a.accept)))?;
        self.row(f, "  backlog, then called back/s", |m| {
            alone(m, |a| format!("{}, {}", a.backlog, whole(a.backlog_per_s)))
        })?;
        self.row(f, "memory peak / now (MiB)", memory)?;
        self.row(f, "processor time a job (ms)", |m| {
            format!("{:.3}", m.processes.iter().map(|p| p.cpu_ms_per_job).sum::<f64>())
        })?;
        self.row(f, "  the load tool's own", |m| format!("{:.3}", m.load_tool_cpu_ms_per_job))?;
        writeln!(f)?;
        self.measurements.iter().try_for_each(|measurement| details(f, measurement))
    }
}

/// The processes one by one, and the proof.
fn details(f: &mut fmt::Formatter<'_>, measurement: &Measurement) -> fmt::Result {
    for process in &measurement.processes {
        let (peak, now) = (mib(process.peak_kib), mib(process.resident_kib));
        let (role, cpu) = (&process.role, process.cpu_ms_per_job);
        writeln!(
            f,
            "{}, wxgate {role}: {peak} MiB at most, {now} MiB now, {cpu:.3} ms a job",
            measurement.pairing
        )?;
    }
    let verdict = if measurement.tally.is_clean() { "each exactly once" } else { "NOT CLEAN" };
    writeln!(f, "{}: {verdict}: {}", measurement.pairing, measurement.tally)
}

fn memory(measurement: &Measurement) -> String {
    let sum = |part: fn(&Process) -> u64| mib(measurement.processes.iter().map(part).sum());
    format!("{} / {}", sum(|process| process.peak_kib), sum(|process| process.resident_kib))
}

fn alone(measurement: &Measurement, cell: impl Fn(&AcceptOnly) -> String) -> String {
    measurement.accept_only.as_ref().map_or_else(|| "-".into(), cell)
}

fn whole(rate: f64) -> String {
    format!("{rate:.0}")
}

fn latency(latency: Latency) -> String {
    format!("{:.1} / {:.1}", latency.p50_ms, latency.p99_ms)
}

fn mib(kib: u64) -> u64 {
    kib.div_ceil(1024)
}
