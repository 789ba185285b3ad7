//! The table of a run, for people.

use std::fmt;

use serde::Serialize;

use crate::count::Count;
use crate::figures::Figures;

/// What all pairings came to.
#[derive(Clone, Debug, Serialize)]
pub struct Report {
    /// One for each pairing.
    pub runs: Vec<Figures>,
}

impl Report {
    /// Whether nothing was lost, doubled or told wrongly anywhere.
    #[must_use]
    pub fn is_clean(&self) -> bool {
        !self.runs.is_empty() && self.runs.iter().all(|run| run.count.is_clean())
    }

    fn row(&self, f: &mut fmt::Formatter<'_>, label: &str, cell: impl Fn(&Figures) -> String) -> fmt::Result {
        write!(f, "{label:<52}")?;
        for run in &self.runs {
            write!(f, "{:>22}", cell(run))?;
        }
        writeln!(f)
    }

    fn counted(&self, f: &mut fmt::Formatter<'_>, label: &str, cell: impl Fn(&Count) -> u64) -> fmt::Result {
        self.row(f, label, |run| cell(&run.count).to_string())
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.row(f, "", |run| run.pairing.to_owned())?;
        self.row(f, "seed, minutes, requests a second", |run| {
            let minutes = Decimal(u128::from(run.seconds) * 1_000 / 60);
            format!("{}, {minutes}, {}", run.seed, run.rate)
        })?;
        self.row(f, "faults", |run| run.faults.to_string())?;
        for sort in self.sorts() {
            self.row(f, &format!("  {sort}"), |run| {
                run.by_sort.get(sort).map_or_else(|| "-".to_owned(), usize::to_string)
            })?;
        }
        self.row(f, "  and besides, met nothing", |run| run.unnoticed.to_string())?;
        self.row(f, "processes started", |run| run.starts.to_string())?;
        self.counted(f, "requests", |count| count.requests)?;
        self.counted(f, "  sent, repeats included", |count| count.tries)?;
        self.counted(f, "  accepted", |count| count.accepted)?;
        self.counted(f, "  left by their callers after a 503", |count| count.left_after_503)?;
        self.row(f, "  slowest acceptance, repeats included (s)", |run| seconds(run.slowest_acceptance_ms))?;
        self.counted(f, "jobs succeeded", |count| count.succeeded)?;
        self.counted(f, "  failed as ambiguous, as their client wants", |count| count.failed_as_ambiguous)?;
        self.row(f, "  most attempts of one", |run| run.count.most_attempts.to_string())?;
        self.counted(f, "messages that reached a user", |count| count.messages)?;
        self.counted(f, "  twice after nine minutes of doubt, as wanted", |count| count.twice_in_doubt)?;
        self.counted(f, "  repeats kept back by client_msg_id", |count| count.repeats)?;
        self.counted(f, "callbacks delivered", |count| count.delivered)?;
        self.counted(f, "  given up after a 410", |count| count.exhausted)?;
        self.counted(f, "  posted more than once", |count| count.callbacks_repeated)?;
        self.row(f, "killed processes that held jobs, and how many", |run| {
            format!("{}, {}", run.rescues, run.rescued_jobs)
        })?;
        self.row(f, "  slowest rescue (s, limit 15)", |run| seconds(run.slowest_rescue_ms))?;
        self.row(f, "  with all that could rescue struck, too (s)", |run| {
            seconds(run.slowest_hindered_rescue_ms)
        })?;
        self.row(f, "  the machine's lateness meanwhile, at most (s)", |run| seconds(run.latest_ms))?;
        self.row(f, "from the last fault until nothing was open (s)", |run| seconds(run.settled_ms))?;
        self.row(f, "  for whose next attempt time was let pass", |run| run.hurried.to_string())?;
        self.row(f, "BREACHES", |run| run.count.breached.values().sum::<u64>().to_string())?;
        self.runs.iter().try_for_each(|run| remarks(f, run))
    }
}

impl Report {
    fn sorts(&self) -> Vec<&String> {
        let mut sorts: Vec<&String> = self.runs.iter().flat_map(|run| run.by_sort.keys()).collect();
        sorts.sort_unstable();
        sorts.dedup();
        sorts
    }
}

/// What was left out, and what was broken, with the offending ids.
fn remarks(f: &mut fmt::Formatter<'_>, run: &Figures) -> fmt::Result {
    if let Some(left_out) = &run.left_out {
        writeln!(f, "{}: left out: {left_out}", run.pairing)?;
    }
    for (what, count) in &run.count.breached {
        writeln!(f, "{}: {count} × {what}:", run.pairing)?;
        for example in &run.count.breaches[what] {
            writeln!(f, "  {example}")?;
        }
    }
    Ok(())
}

/// Thousandths, shown with one decimal.
struct Decimal(u128);

impl fmt::Display for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.0 / 1_000, self.0 % 1_000 / 100)
    }
}

fn seconds(ms: u128) -> String {
    Decimal(ms).to_string()
}
