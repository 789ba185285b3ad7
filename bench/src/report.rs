//! What comes out of a run: what each pairing did beside its goals, the run before, what the machine's parts do
//! alone, and what others do. As text for people; as JSON it is what was measured.

use std::fmt;

use serde::Serialize;

use crate::ceilings::Ceilings;
use crate::history::{History, Record, Stamp};
use crate::measurement::Measurement;
use crate::peers;
use crate::table::Table;

/// A whole run of the tool.
#[derive(Clone, Debug, Serialize)]
pub struct Report {
    /// When, on what and of what.
    #[serde(flatten)]
    pub stamp: Stamp,
    /// What was sent, in words.
    pub load: String,
    /// What the machine's parts do alone.
    pub ceilings: Ceilings,
    /// One for each pairing.
    pub measurements: Vec<Measurement>,
    /// The runs before.
    #[serde(skip)]
    pub history: History,
}

impl Report {
    /// Whether every pairing's tally is clean.
    #[must_use]
    pub fn is_clean(&self) -> bool {
        self.measurements.iter().all(|measurement| measurement.tally.is_clean())
    }

    /// For the history.
    #[must_use]
    pub fn record(&self) -> Record {
        Record::of(self.stamp.clone(), &self.tables())
    }

    fn tables(&self) -> Vec<Table> {
        let pairings = self.measurements.iter().map(|measurement| measurement.table(&self.ceilings));
        pairings.chain([self.ceilings.table()]).collect()
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "machine: {}\nload: {}\n", self.stamp.place(), self.load)?;
        write_tables(f, &self.tables(), &self.stamp, &self.history)?;
        let rates = self.measurements.iter().map(|it| (it.pairing.as_str(), it.full.end_to_end_per_s));
        peers::write(f, &rates.collect::<Vec<_>>())?;
        self.measurements.iter().try_for_each(|Measurement { pairing, tally, .. }| {
            let verdict = if tally.is_clean() { "each exactly once" } else { "NOT CLEAN" };
            writeln!(f, "{pairing}: {verdict}: {tally}")
        })
    }
}

/// Writes tables beside the last comparable run of each, and which run that was.
///
/// # Errors
/// When nothing more can be written.
pub(crate) fn write_tables(
    f: &mut fmt::Formatter<'_>,
    tables: &[Table],
    stamp: &Stamp,
    history: &History,
) -> fmt::Result {
    for table in tables {
        let before = history.before(stamp, &table.title);
        table.write(f, |key| before?.figures.get(&table.title)?.get(key).copied())?;
        if let Some(Stamp { at, commit, .. }) = before.map(|record| &record.stamp) {
            writeln!(f, "before: {at}, revision {}\n", commit.as_deref().unwrap_or("unknown"))?;
        }
    }
    Ok(())
}
