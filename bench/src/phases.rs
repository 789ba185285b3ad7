//! What is measured, and in which order: warm-up, full load, light load, and acceptance alone while
//! nothing is sent on. After each it waits until everything accepted was called back.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Result;
use futures_util::future::join_all;

use crate::figures::{Figures, per_second};
use crate::goals::Goals;
use crate::load::Load;
use crate::measurement::{AcceptOnly, Drained, Measurement, Process, Server};
use crate::pairing::Pairing;
use crate::request::{Caller, unix_seconds};
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
    /// Full load while nothing is sent on: without a worker where that is a process of its own, else with messages
    /// that are due in an hour.
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

    let (full, cpu) = run.full_load(&[run.load.clone()], plan.full).await?;
    let light = run.light_load(plan).await;
    let processes = run.processes(&cpu)?;
    let (accept_only, tally) = run.accept_only(plan, measured_from).await?;
    Ok(Measurement {
        pairing: pairing.title().into(),
        goals: Goals::of(pairing),
        full,
        light,
        accept_only,
        processes,
        servers: cpu
            .servers
            .into_iter()
            .map(|(name, cpu_ms_per_job)| Server { name, cpu_ms_per_job })
            .collect(),
        load_tool_cpu_ms_per_job: cpu.load_tool_ms,
        tally,
    })
}

/// Processor time for each job, in milliseconds.
#[derive(Clone, Debug)]
pub(crate) struct CpuPerJob {
    /// The gateway's processes.
    pub roles: Vec<(&'static str, f64)>,
    /// The servers beside it.
    pub servers: Vec<(&'static str, f64)>,
    /// What is no part of either.
    pub load_tool_ms: f64,
}

/// Processor time at one moment.
struct Cpu {
    roles: Vec<(&'static str, Duration)>,
    servers: Vec<(&'static str, Duration)>,
    load_tool: Duration,
}

impl Run {
    /// Sends all of these loads at once, waits until everything was called back, and tells what that took.
    pub(crate) async fn full_load(&self, loads: &[Load], time: Duration) -> Result<(Figures, CpuPerJob)> {
        let first = self.ledger.next_number();
        let before = self.cpu()?;
        join_all(loads.iter().map(|load| load.full(time))).await;
        self.settle().await;
        let after = self.cpu()?;
        let entries = self.ledger.entries(first..self.ledger.next_number());
        let jobs = entries.iter().filter(|entry| entry.accepted().is_some()).count();
        let each = |before: &[(&'static str, Duration)], after: &[(&'static str, Duration)]| {
            before
                .iter()
                .zip(after)
                .map(|((name, from), (_, to))| (*name, cpu_ms(*from, *to, jobs)))
                .collect()
        };
        let cpu = CpuPerJob {
            roles: each(&before.roles, &after.roles),
            servers: each(&before.servers, &after.servers),
            load_tool_ms: cpu_ms(before.load_tool, after.load_tool, jobs),
        };
        Ok((Figures::of(&entries), cpu))
    }

    /// Processor time so far.
    fn cpu(&self) -> Result<Cpu> {
        Ok(Cpu {
            roles: self.gateway.usage()?.into_iter().map(|(role, usage)| (role, usage.cpu)).collect(),
            servers: self.servers.cpu()?,
            load_tool: Usage::of(std::process::id())?.cpu,
        })
    }

    async fn light_load(&self, plan: &Plan) -> Figures {
        let first = self.ledger.next_number();
        self.load.steady(plan.rate, plan.light).await;
        self.settle().await;
        Figures::of(&self.ledger.entries(first..self.ledger.next_number()))
    }

    /// Acceptance alone, and the tally of all that was to be called back.
    async fn accept_only(
        &mut self,
        plan: &Plan,
        measured_from: usize,
    ) -> Result<(Option<AcceptOnly>, Tally)> {
        let tally = Tally::of(&self.ledger, measured_from);
        if plan.accept_only.is_zero() {
            return Ok((None, tally));
        }
        if !self.has_worker {
            return Ok((Some(self.accept_for_later(plan).await), tally));
        }
        self.gateway.stop_role("worker").await?;
        let first = self.ledger.next_number();
        self.load.full(plan.accept_only).await;
        let waiting = self.ledger.open();
        let restarted = self.ledger.now();
        self.gateway.start_role("worker")?;
        self.settle().await;
        let entries = self.ledger.entries(first..self.ledger.next_number());
        let last = entries.iter().filter_map(|entry| entry.called_back).max().unwrap_or(restarted);
        let called_back_per_s = per_second(waiting, last.saturating_sub(restarted));
        let drained = Some(Drained { waiting, called_back_per_s });
        Ok((Some(AcceptOnly::of(&entries, drained)), Tally::of(&self.ledger, measured_from)))
    }

    /// Accepts messages that are due long after the measurement.
    async fn accept_for_later(&self, plan: &Plan) -> AcceptOnly {
        let later = Caller { send_at: Some(unix_seconds() + 3600), ..Caller::clone(&self.load.caller) };
        let first = self.ledger.next_number();
        Load { caller: Arc::new(later), ..self.load.clone() }.full(plan.accept_only).await;
        AcceptOnly::of(&self.ledger.entries(first..self.ledger.next_number()), None)
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
                shared_kib: usage.shared_kib,
            })
            .collect())
    }
}

fn cpu_ms(before: Duration, after: Duration, jobs: usize) -> f64 {
    let rate = per_second(jobs, after.saturating_sub(before));
    if rate == 0.0 { 0.0 } else { 1000.0 / rate }
}
