//! What one pairing did, and the same as rows beside its goals.

use serde::Serialize;

use crate::ceilings::Ceilings;
use crate::figures::{Figures, Latency};
use crate::goals::Goals;
use crate::ledger::Entry;
use crate::table::{Row, Table, Unit};
use crate::tally::Tally;

/// What one pairing did.
#[derive(Clone, Debug, Serialize)]
pub struct Measurement {
    /// The pairing's title.
    pub pairing: String,
    /// What it was to do.
    pub goals: Goals,
    /// Under as many requests as the connections carry.
    pub full: Figures,
    /// Under a steady light rate.
    pub light: Figures,
    /// While nothing was sent on.
    pub accept_only: Option<AcceptOnly>,
    /// The gateway's processes, without the servers'.
    pub processes: Vec<Process>,
    /// The servers beside it, with all their processes.
    pub servers: Vec<Server>,
    /// Processor time of the load tool for each job of the full load (ms).
    pub load_tool_cpu_ms_per_job: f64,
    /// Whether everything went through exactly once.
    pub tally: Tally,
}

/// Acceptance while nothing is sent on.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct AcceptOnly {
    /// Requests accepted per second.
    pub accepted_per_s: f64,
    /// From when a request was due to its answer.
    pub accept: Latency,
    /// What a worker then did with them, where it is a process of its own.
    pub drained: Option<Drained>,
}

/// A backlog that a worker found when it started.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Drained {
    /// Jobs that waited.
    pub waiting: usize,
    /// Of those, called back per second from the worker's start to the last callback.
    pub called_back_per_s: f64,
}

impl AcceptOnly {
    /// Of these requests.
    #[must_use]
    pub fn of(entries: &[Entry], drained: Option<Drained>) -> Self {
        let figures = Figures::of(entries);
        Self { accepted_per_s: figures.accepted_per_s, accept: figures.accept, drained }
    }
}

/// A server beside the gateway.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Server {
    /// What people call it.
    pub name: &'static str,
    /// Processor time for each job of the full load (ms).
    pub cpu_ms_per_job: f64,
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
    /// By how much that counts pages too often which others have, too (KiB): the program itself, above all.
    pub shared_kib: u64,
}

impl Measurement {
    /// The most memory that all processes held together, if each held its most at once (MiB); what they share is counted
    /// once.
    #[must_use]
    pub fn peak_mib(&self) -> f64 {
        let sum: u64 = self.processes.iter().map(|process| process.peak_kib).sum();
        mib(sum.saturating_sub(self.shared_kib()))
    }

    /// What several processes of the gateway share, beyond its first count (KiB). What a single one shares is other
    /// programs'.
    fn shared_kib(&self) -> u64 {
        if self.processes.len() < 2 {
            return 0;
        }
        self.processes.iter().map(|process| process.shared_kib).sum()
    }

    /// What the servers do alone, if this pairing has any: they bound no other.
    pub(crate) fn servers_alone<'a>(&self, alone: &'a Ceilings) -> Option<&'a Ceilings> {
        (!self.servers.is_empty()).then_some(alone)
    }

    /// The figures that have goals first.
    #[must_use]
    pub fn table(&self, ceilings: &Ceilings) -> Table {
        let rows = self.rows_with_goals(ceilings).into_iter().chain(self.other_rows());
        Table { title: self.pairing.clone(), rows: rows.chain(self.cpu_rows()).collect() }
    }

    fn rows_with_goals(&self, ceilings: &Ceilings) -> Vec<Row> {
        use Unit::{Mebibytes, Milliseconds, PerSecond};
        let Self { goals, full, light, .. } = self;
        let servers = self.servers_alone(ceilings);
        let bound = |name: &str, rate: f64| format!("{name} {}", PerSecond.show(rate));
        let inserts = servers.and_then(|alone| Some(bound("PostgreSQL's inserts", alone.inserts?)));
        let confirms = servers.and_then(|alone| Some(bound("RabbitMQ's confirms", alone.confirms?)));
        let delivery = servers.and_then(|alone| alone.delivery);
        let accepted = self.accept_only.map(|alone| {
            let (key, label) = ("accepted_per_s_nothing_sent_on", "accepted/s, workers stopped");
            Row::new(key, label, PerSecond, alone.accepted_per_s)
                .to_be(goals.accepted_per_s)
                .beside(inserts.unwrap_or_else(|| bound("bare actix-web", ceilings.answers)))
        });
        let broker = |part: fn(Latency) -> f64| {
            delivery.map(|it| format!("broker alone {}", Milliseconds.show(part(it)))).unwrap_or_default()
        };
        let rows = [
            Row::new(
                "end_to_end_per_s",
                "jobs/s end to end, backlog included",
                PerSecond,
                full.end_to_end_per_s,
            )
            .to_be(goals.end_to_end_per_s)
            .beside(confirms.unwrap_or_else(|| bound("flushes of the disk", ceilings.flushes))),
            Row::new("accept_p99_ms", "full load: accept p99 (ms)", Milliseconds, full.accept.p99_ms)
                .to_be(goals.accept_p99_ms),
            Row::new(
                "light_p50_ms",
                "light load: end to end p50 (ms)",
                Milliseconds,
                light.end_to_end.p50_ms,
            )
            .to_be(goals.light_p50_ms)
            .beside(broker(|it| it.p50_ms)),
            Row::new("light_p99_ms", "  end to end p99 (ms)", Milliseconds, light.end_to_end.p99_ms)
                .to_be(goals.light_p99_ms)
                .beside(broker(|it| it.p99_ms)),
            Row::new("memory_peak_mib", "memory of all processes, peak (MiB)", Mebibytes, self.peak_mib())
                .to_be(goals.memory_mib),
        ];
        accepted.into_iter().chain(rows).collect()
    }

    fn other_rows(&self) -> Vec<Row> {
        use Unit::{Count, Mebibytes, PerSecond};
        let Self { full, light, .. } = self;
        let under_load = full.called_back_per_s_under_load;
        let now: u64 = self.processes.iter().map(|process| process.resident_kib).sum();
        let now = mib(now.saturating_sub(self.shared_kib()));
        let mut rows = vec![Row::new("memory_now_mib", "  after the light load (MiB)", Mebibytes, now)];
        rows.extend(self.processes.iter().map(|process| {
            let (key, label) = (
                format!("memory_peak_mib.{}", process.role),
                format!("  wxgate {}, peak (MiB)", process.role),
            );
            Row::new(key, label, Mebibytes, mib(process.peak_kib))
        }));
        rows.extend([
            Row::new("full_accepted_per_s", "full load: accepted/s", PerSecond, full.accepted_per_s),
            Row::new(
                "full_called_back_per_s",
                "  called back/s while requests came in",
                PerSecond,
                under_load,
            ),
        ]);
        rows.extend(latency("full_accept", "  accept", full.accept).into_iter().take(1));
        rows.extend(latency("full_end_to_end", "  end to end", full.end_to_end));
        rows.extend(latency("light_accept", "light load: accept", light.accept));
        if let Some(alone) = &self.accept_only {
            rows.extend(latency("nothing_sent_on_accept", "workers stopped: accept", alone.accept));
            if let Some(Drained { waiting, called_back_per_s }) = alone.drained {
                #[expect(clippy::cast_precision_loss, reason = "counts of a run stay far below 2^52")]
                let waiting = waiting as f64;
                rows.push(Row::new("drained_jobs", "  jobs that a started worker finds", Count, waiting));
                rows.push(Row::new("drained_per_s", "  called back/s by it", PerSecond, called_back_per_s));
            }
        }
        rows
    }

    fn cpu_rows(&self) -> Vec<Row> {
        let processes =
            self.processes.iter().map(|process| (format!("wxgate {}", process.role), process.cpu_ms_per_job));
        let servers = self.servers.iter().map(|server| (server.name.to_owned(), server.cpu_ms_per_job));
        cpu_rows(processes.chain(servers).collect(), self.load_tool_cpu_ms_per_job)
    }
}

/// Processor time of each part for each job, and their sum; the load tool, which is no part, after it.
pub(crate) fn cpu_rows(parts: Vec<(String, f64)>, load_tool: f64) -> Vec<Row> {
    let row = |name: &str, label: String, ms| {
        Row::new(format!("cpu_ms_per_job.{name}"), label, Unit::CpuMilliseconds, ms)
    };
    let sum = parts.iter().map(|(_, ms)| ms).sum();
    let all = row("all", "processor time of a job (ms)".into(), sum);
    let each = parts.into_iter().map(|(name, ms)| row(&name, format!("  {name}"), ms));
    let tool = row("load tool", "  beside it: the load tool".into(), load_tool);
    std::iter::once(all).chain(each).chain([tool]).collect()
}

fn latency(key: &str, label: &str, latency: Latency) -> [Row; 2] {
    let row = |point: &str, ms| {
        Row::new(format!("{key}_{point}_ms"), format!("{label} {point} (ms)"), Unit::Milliseconds, ms)
    };
    [row("p50", latency.p50_ms), row("p99", latency.p99_ms)]
}

#[expect(clippy::cast_precision_loss, reason = "memory is far below 2^52 KiB")]
fn mib(kib: u64) -> f64 {
    kib.div_ceil(1024) as f64
}
