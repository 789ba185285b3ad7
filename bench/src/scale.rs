//! How the gateway scales: with a WeChat that takes its time, which is made up for by calls side by side, and with
//! a second worker, which should not make a job dearer.

use std::fmt;
use std::path::Path;
use std::time::Duration;

use anyhow::Result;

use crate::figures::Figures;
use crate::goals::{TWO_APPS_PER_S, TWO_WORKERS_TIMES};
use crate::history::{History, Record, Stamp};
use crate::load::Load;
use crate::measurement::cpu_rows;
use crate::pairing::Pairing;
use crate::phases::{CpuPerJob, Plan};
use crate::report::write_tables;
use crate::run::Run;
use crate::table::{Row, Table, Unit};
use crate::tally::Tally;

/// What a slow WeChat takes to answer a message.
pub const SLOW_WECHAT: Duration = Duration::from_millis(100);

/// How each pairing scaled.
#[derive(Debug)]
pub struct Scale {
    /// When, on what and of what.
    pub stamp: Stamp,
    /// One for each pairing and way of scaling.
    pub tables: Vec<Table>,
    /// Whether everything went through exactly once, by the tables' titles.
    pub tallies: Vec<(String, Tally)>,
    /// The runs before.
    pub history: History,
}

impl Scale {
    /// Measures a pairing, with gateways of its own, and adds what came out.
    ///
    /// # Errors
    /// When a gateway does not start, or ends on the way.
    pub async fn measure(&mut self, binary: &Path, pairing: &Pairing, plan: &Plan) -> Result<()> {
        self.two_apps(binary, pairing, plan).await?;
        if pairing.roles().contains(&"worker") {
            self.two_workers(binary, pairing, plan).await?;
        }
        Ok(())
    }

    /// Two apps, since one has no more than half of the calls side by side.
    async fn two_apps(&mut self, binary: &Path, pairing: &Pairing, plan: &Plan) -> Result<()> {
        let plan = Plan { wechat_delay: SLOW_WECHAT, ..plan.clone() };
        let run = Run::prepare(binary, pairing, &plan).await?;
        run.wait_until_ready().await?;
        let other = run.another_app().await?;
        let half = |load: &Load| Load { connections: plan.connections.div_ceil(2), ..load.clone() };
        let loads = [half(&run.load), half(&other)];
        let measured_from = run.ledger.next_number();
        run.full_load(&loads, plan.warm_up).await?;
        let (figures, cpu) = run.full_load(&loads, plan.full).await?;
        let title = format!("{}: two apps, slow WeChat", pairing.title());
        let rows = rate_rows(figures, true).into_iter().chain(cpu.rows());
        self.add(title, rows.collect(), Tally::of(&run.ledger, measured_from));
        Ok(())
    }

    async fn two_workers(&mut self, binary: &Path, pairing: &Pairing, plan: &Plan) -> Result<()> {
        let mut run = Run::prepare(binary, pairing, plan).await?;
        run.wait_until_ready().await?;
        let loads = [run.load.clone()];
        let measured_from = run.ledger.next_number();
        run.full_load(&loads, plan.warm_up).await?;
        let (one_figures, one) = run.full_load(&loads, plan.full).await?;

        run.gateway.start_role("worker")?;
        // After that the second one has long taken its part.
        run.full_load(&loads, plan.warm_up).await?;
        let (two_figures, two) = run.full_load(&loads, plan.full).await?;

        let times = two.sum_ms() / one.sum_ms().max(f64::MIN_POSITIVE);
        let ratio = Row::new("two_workers_times", "processor time, times that with one", Unit::Times, times);
        let title = |workers: &str| format!("{}: {workers}", pairing.title());
        let tally = Tally::of(&run.ledger, measured_from);
        let rows_of_one = rate_rows(one_figures, false).into_iter().chain(one.rows());
        let rows_of_two = rate_rows(two_figures, false).into_iter().chain(two.rows());
        self.tables.push(Table { title: title("one worker"), rows: rows_of_one.collect() });
        let rows = [ratio.to_be(TWO_WORKERS_TIMES)].into_iter().chain(rows_of_two).collect();
        self.add(title("two workers"), rows, tally);
        Ok(())
    }

    fn add(&mut self, title: String, rows: Vec<Row>, tally: Tally) {
        self.tallies.push((title.clone(), tally));
        self.tables.push(Table { title, rows });
    }

    /// Whether every tally is clean.
    #[must_use]
    pub fn is_clean(&self) -> bool {
        self.tallies.iter().all(|(_, tally)| tally.is_clean())
    }

    /// For the history.
    #[must_use]
    pub fn record(&self) -> Record {
        Record::of(self.stamp.clone(), &self.tables)
    }
}

fn rate_rows(figures: Figures, of_two_apps: bool) -> Vec<Row> {
    let rate = |key: &str, label: &str, per_s| Row::new(key, label, Unit::PerSecond, per_s);
    let jobs = rate("end_to_end_per_s", "jobs/s end to end, backlog included", figures.end_to_end_per_s);
    vec![
        if of_two_apps { jobs.to_be(TWO_APPS_PER_S) } else { jobs },
        rate("full_accepted_per_s", "accepted/s", figures.accepted_per_s),
        rate(
            "full_called_back_per_s",
            "called back/s while requests came in",
            figures.called_back_per_s_under_load,
        ),
    ]
}

impl CpuPerJob {
    fn parts(&self) -> impl Iterator<Item = (String, f64)> {
        let roles = self.roles.iter().map(|(role, ms)| (format!("wxgate {role}"), *ms));
        roles.chain(self.servers.iter().map(|(name, ms)| ((*name).to_owned(), *ms)))
    }

    /// Of the gateway and its servers.
    fn sum_ms(&self) -> f64 {
        self.parts().map(|(_, ms)| ms).sum()
    }

    fn rows(&self) -> Vec<Row> {
        // Workers count together: what they share out between them is chance.
        let mut parts: Vec<(String, f64)> = Vec::new();
        for (name, ms) in self.parts() {
            match parts.iter_mut().find(|(known, _)| *known == name) {
                Some((_, sum)) => *sum += ms,
                None => parts.push((name, ms)),
            }
        }
        cpu_rows(parts, self.load_tool_ms)
    }
}

impl fmt::Display for Scale {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "machine: {}", self.stamp.place())?;
        writeln!(f, "a slow WeChat answers after {} ms, any other at once\n", SLOW_WECHAT.as_millis())?;
        write_tables(f, &self.tables, &self.stamp, &self.history)?;
        self.tallies.iter().try_for_each(|(title, tally)| {
            let verdict = if tally.is_clean() { "each exactly once" } else { "NOT CLEAN" };
            writeln!(f, "{title}: {verdict}: {tally}")
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn workers_count_together_and_the_load_tool_apart() {
        let cpu = CpuPerJob {
            roles: vec![("api", 0.125), ("worker", 0.25), ("worker", 0.5)],
            servers: vec![("PostgreSQL", 1.0)],
            load_tool_ms: 8.0,
        };
        let rows = cpu.rows();
        let shown: Vec<_> = rows.iter().map(|row| (row.key.as_str(), row.unit.show(row.value))).collect();
        let expected = [
            ("cpu_ms_per_job.all", "1.875"),
            ("cpu_ms_per_job.wxgate api", "0.125"),
            ("cpu_ms_per_job.wxgate worker", "0.750"),
            ("cpu_ms_per_job.PostgreSQL", "1.000"),
            ("cpu_ms_per_job.load tool", "8.000"),
        ];
        assert_eq!(shown, expected.map(|(key, value)| (key, value.to_owned())));
    }
}
