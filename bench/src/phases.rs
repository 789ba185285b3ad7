//! What is measured, and in which order: warm-up, full load, light load, and acceptance alone while
//! no worker runs. After each it waits until everything accepted was called back.

use std::path::Path;
use std::time::Duration;

use anyhow::Result;

use crate::figures::{Figures, per_second};
use crate::pairing::Pairing;
use crate::report::{AcceptOnly, Measurement, Process};
use crate::run::Run;
use crate::tally::Tally;
use crate::usage::Usage;

/// How long and how hard.
#[derive(Clone, Debug)]
pub struct Plan {
    /// Connections of the caller.
    pub connections: usize,
    /// Full load before anything is measured.
    pub warm_up: Duration,
    /// Full load.
    pub full: Duration,
    /// Light load, in whole seconds.
    pub light: Duration,
    /// Requests a second under light load.
    pub rate: u32,
    /// Full load without a worker; only where the worker is a process of its own.
    pub accept_only: Duration,
    /// How long WeChat takes to answer a message.
    pub wechat_delay: Duration,
}

/// Measures one pairing with a gateway of its own.
///
/// # Errors
/// When the gateway does not start, does not accept a first request, or ends on the way.
pub async fn measure(binary: &Path, pairing: &Pairing, plan: &Plan) -> Result<Measurement> {
    let mut run = Run::prepare(binary, pairing, plan).await?;
    run.wait_until_ready().await?;
    let measured_from = run.ledger.next_number();
    run.load.full(plan.warm_up).await;
    run.settle().await;

    let (full, cpu) = run.full_load(plan).await?;
    let light = run.light_load(plan).await;
    let processes = run.processes(&cpu)?;
    let accept_only = run.accept_only(plan).await?;
    Ok(Measurement {
        pairing: pairing.title().into(),
        full,
        light,
        accept_only,
        processes,
        load_tool_cpu_ms_per_job: cpu.load_tool_ms,
        tally: Tally::of(&run.ledger, measured_from),
    })
}

/// Processor time for each job, in milliseconds.
struct CpuPerJob {
    roles: Vec<(&'static str, f64)>,
    load_tool_ms: f64,
}

impl Run {
    async fn full_load(&self, plan: &Plan) -> Result<(Figures, CpuPerJob)> {
        let first = self.ledger.next_number();
        let before = (self.gateway.usage()?, Usage::of(std::process::id())?);
        self.load.full(plan.full).await;
        self.settle().await;
        let after = (self.gateway.usage()?, Usage::of(std::process::id())?);
        let entries = self.ledger.entries(first..self.ledger.next_number());
        let jobs = entries.iter().filter(|entry| entry.accepted().is_some()).count();
        let roles = before
            .0
            .iter()
            .zip(&after.0)
            .map(|((role, from), (_, to))| (*role, cpu_ms(from, to, jobs)))
            .collect();
        let cpu = CpuPerJob { roles, load_tool_ms: cpu_ms(&before.1, &after.1, jobs) };
        Ok((Figures::of(&entries), cpu))
    }

    async fn light_load(&self, plan: &Plan) -> Figures {
        let first = self.ledger.next_number();
        self.load.steady(plan.rate, plan.light).await;
        self.settle().await;
        Figures::of(&self.ledger.entries(first..self.ledger.next_number()))
    }

    async fn accept_only(&mut self, plan: &Plan) -> Result<Option<AcceptOnly>> {
        if !self.has_worker || plan.accept_only.is_zero() {
            return Ok(None);
        }
        self.gateway.stop_role("worker").await?;
        let first = self.ledger.next_number();
        self.load.full(plan.accept_only).await;
        let backlog = self.ledger.open();
        let restarted = self.ledger.now();
        self.gateway.start_role("worker")?;
        self.settle().await;
        let entries = self.ledger.entries(first..self.ledger.next_number());
        let figures = Figures::of(&entries);
        let last = entries.iter().filter_map(|entry| entry.called_back).max().unwrap_or(restarted);
        Ok(Some(AcceptOnly {
            accepted_per_s: figures.accepted_per_s,
            accept: figures.accept,
            backlog,
            backlog_per_s: per_second(backlog, last.saturating_sub(restarted)),
        }))
    }

    fn processes(&self, cpu: &CpuPerJob) -> Result<Vec<Process>> {
        let usage = self.gateway.usage()?;
        let pairs = usage.into_iter().zip(&cpu.roles);
        Ok(pairs
            .map(|((role, usage), (_, cpu_ms_per_job))| Process {
                role: role.into(),
                cpu_ms_per_job: *cpu_ms_per_job,
                peak_kib: usage.peak_kib,
                resident_kib: usage.resident_kib,
            })
            .collect())
    }
}

fn cpu_ms(before: &Usage, after: &Usage, jobs: usize) -> f64 {
    let rate = per_second(jobs, after.cpu.saturating_sub(before.cpu));
    if rate == 0.0 { 0.0 } else { 1000.0 / rate }
}
