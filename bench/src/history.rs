//! The runs before this one: a file with a line of JSON for each, to which every run adds its own. A run is
//! compared with the last one on the same machine under the same load.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{ErrorKind, Write};
use std::path::Path;

use anyhow::{Context, Result};
use serde::{Deserialize, Serialize};

use crate::table::Table;

/// When, on what and of what a run was made.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct Stamp {
    /// When it began, in UTC.
    pub at: String,
    /// The revision of the gateway, where it is known.
    pub commit: Option<String>,
    /// What it ran on.
    pub machine: String,
    /// How busy that was with other things when it began.
    pub busy_percent: u64,
    /// Seconds of full load.
    pub seconds: u64,
    /// The load.
    pub conditions: Conditions,
}

/// What a run must have in common with another to be compared with it.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq, Serialize)]
pub struct Conditions {
    /// Connections kept open.
    pub connections: u16,
    /// Requests a second under light load.
    pub rate: u32,
    /// Milliseconds that WeChat takes to answer a message.
    pub wechat_delay_ms: u64,
}

impl Stamp {
    /// The machine and its state, for people.
    #[must_use]
    pub fn place(&self) -> String {
        format!("{}; {} % busy with other things when the run began", self.machine, self.busy_percent)
    }
}

/// One run.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct Record {
    /// When, on what and of what.
    #[serde(flatten)]
    pub stamp: Stamp,
    /// Each table's figures by its title, by their keys.
    pub figures: BTreeMap<String, BTreeMap<String, f64>>,
}

/// All runs of a file, the oldest first.
#[derive(Clone, Debug, Default)]
pub struct History {
    records: Vec<Record>,
}

impl Record {
    /// Of these tables.
    #[must_use]
    pub fn of(stamp: Stamp, tables: &[Table]) -> Self {
        let of_one = |table: &Table| {
            // More digits than were measured make the file no better.
            table.rows.iter().map(|row| (row.key.clone(), (row.value * 1000.0).round() / 1000.0)).collect()
        };
        let figures = tables.iter().map(|table| (table.title.clone(), of_one(table))).collect();
        Self { stamp, figures }
    }

    /// Adds it to the file, which need not be there yet.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn append(&self, path: &Path) -> Result<()> {
        let line = format!("{}\n", serde_json::to_string(self)?);
        let written = File::options().create(true).append(true).open(path);
        written
            .and_then(|mut file| file.write_all(line.as_bytes()))
            .with_context(|| format!("cannot write {}", path.display()))
    }
}

impl History {
    /// Empty where there is no file.
    ///
    /// # Errors
    /// When it cannot be read, or a line is no run.
    pub fn read(path: &Path) -> Result<Self> {
        let text = match std::fs::read_to_string(path) {
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Self::default()),
            read => read.with_context(|| format!("cannot read {}", path.display()))?,
        };
        let records = text.lines().enumerate().map(|(index, line)| {
            serde_json::from_str(line)
                .with_context(|| format!("line {} of {} is no run", index + 1, path.display()))
        });
        Ok(Self { records: records.collect::<Result<_>>()? })
    }

    /// The last run that can be compared with `stamp` and has figures under `title`.
    #[must_use]
    pub fn before(&self, stamp: &Stamp, title: &str) -> Option<&Record> {
        self.records.iter().rev().find(|record| {
            record.stamp.machine == stamp.machine
                && record.stamp.conditions == stamp.conditions
                && record.figures.contains_key(title)
        })
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use super::*;
    use crate::table::{Row, Unit};

    fn stamp(commit: &str, machine: &str, connections: u16) -> Stamp {
        Stamp {
            at: "2026-11-23T09:00:00Z".into(),
            commit: Some(commit.into()),
            machine: machine.into(),
            busy_percent: 0,
            seconds: 10,
            conditions: Conditions { connections, rate: 50, wechat_delay_ms: 0 },
        }
    }

    fn record(commit: &str, machine: &str, connections: u16, title: &str) -> Record {
        let rows = vec![Row::new("jobs_per_s", "jobs/s", Unit::PerSecond, 1234.56789)];
        Record::of(stamp(commit, machine, connections), &[Table { title: title.into(), rows }])
    }

    #[test]
    fn a_run_is_compared_with_the_last_of_its_kind() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("history.jsonl");
        assert!(History::read(&path).unwrap().before(&stamp("now", "m", 64), "embedded").is_none());
        for run in [
            record("first", "m", 64, "embedded"),
            record("second", "m", 64, "embedded"),
            record("of another machine", "n", 64, "embedded"),
            record("of another load", "m", 8, "embedded"),
            record("of another pairing", "m", 64, "servers"),
        ] {
            run.append(&path).unwrap();
        }
        let history = History::read(&path).unwrap();
        let before = history.before(&stamp("now", "m", 64), "embedded").unwrap();
        assert_eq!(before.stamp.commit.as_deref(), Some("second"));
        assert_eq!(before.figures["embedded"], [("jobs_per_s".into(), 1234.568)].into());
        assert!(history.before(&stamp("now", "m", 64), "another title").is_none());
    }

    #[test]
    fn a_line_that_is_no_run_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("history.jsonl");
        record("first", "m", 64, "embedded").append(&path).unwrap();
        std::fs::write(&path, std::fs::read_to_string(&path).unwrap() + "{}\n").unwrap();
        assert!(format!("{:#}", History::read(&path).unwrap_err()).contains("line 2 of "));
    }
}
