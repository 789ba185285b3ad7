//! What a process has used of the machine, read from `/proc` (proc(5)).

use std::fs;
use std::time::Duration;

use anyhow::{Context, Result};

/// Clock ticks a second in `/proc/<pid>/stat`: Linux shows every program 100, whatever its kernel's own.
const TICKS_PER_SECOND: u32 = 100;

/// One process at one moment.
#[derive(Clone, Copy, Debug)]
pub struct Usage {
    /// Processor time so far, user and system, in steps of 10 ms.
    pub cpu: Duration,
    /// Resident memory now (KiB).
    pub resident_kib: u64,
    /// The most it ever was (KiB).
    pub peak_kib: u64,
    /// The part of the resident memory that is other processes', too (KiB): what each page shared by n of them counts
    /// too often when it is counted for each, so n - 1 nths of it.
    pub shared_kib: u64,
}

impl Usage {
    /// Of process `pid`.
    ///
    /// # Errors
    /// When there is no such process, or this is not Linux.
    pub fn of(pid: u32) -> Result<Self> {
        let read = |file| {
            let path = format!("/proc/{pid}/{file}");
            fs::read_to_string(&path).with_context(|| format!("cannot read {path}"))
        };
        Self::parse(&read("stat")?, &read("status")?, &read("smaps_rollup")?)
            .with_context(|| format!("cannot read the usage of process {pid}"))
    }

    fn parse(stat: &str, status: &str, rollup: &str) -> Option<Self> {
        Some(Self {
            cpu: Times::parse(stat)?.own,
            resident_kib: kib(status, "VmRSS:")?,
            peak_kib: kib(status, "VmHWM:")?,
            shared_kib: kib(rollup, "Rss:")?.saturating_sub(kib(rollup, "Pss:")?),
        })
    }
}

/// Processor time of a process, user and system, in steps of 10 ms.
#[derive(Clone, Copy, Debug)]
pub struct Times {
    /// Who started it.
    pub parent: u32,
    /// Its own.
    pub own: Duration,
    /// That of the processes that it started and that have ended.
    pub of_ended_children: Duration,
}

impl Times {
    /// Of process `pid`.
    ///
    /// # Errors
    /// When there is no such process, or this is not Linux.
    pub fn of(pid: u32) -> Result<Self> {
        let path = format!("/proc/{pid}/stat");
        let stat = fs::read_to_string(&path).with_context(|| format!("cannot read {path}"))?;
        Self::parse(&stat).with_context(|| format!("cannot read the usage of process {pid}"))
    }

    fn parse(stat: &str) -> Option<Self> {
        // The name, in brackets, may hold blanks and brackets: fields are counted after the last. The first after it
        // is the state, field 3; the parent is field 4, and utime, stime, cutime and cstime are 14 to 17.
        let mut fields = stat.rsplit_once(')')?.1.split_ascii_whitespace();
        let parent = fields.nth(1)?.parse().ok()?;
        let mut ticks = fields.skip(9).map_while(|field| field.parse::<u32>().ok());
        let mut pair = || Some(Duration::from_secs(1) * (ticks.next()? + ticks.next()?) / TICKS_PER_SECOND);
        Some(Self { parent, own: pair()?, of_ended_children: pair()? })
    }
}

fn kib(status: &str, label: &str) -> Option<u64> {
    status.lines().find_map(|line| line.strip_prefix(label))?.trim().strip_suffix(" kB")?.parse().ok()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use super::*;

    #[test]
    fn times_are_found_behind_an_awkward_name() {
        let stat = "42 (a) b 9 9) S 1 42 42 0 -1 4194560 100 0 0 0 150 25 4 3 20 0 4 0 100 1000 10";
        let status = "Name:\ta\nVmHWM:\t    2048 kB\nVmRSS:\t    1024 kB\n";
        let rollup = "55d0-7ffc ---p 00000000 00:00 0    [rollup]\nRss:    1000 kB\nPss:     900 kB\nPss_Dirty:  1 kB\n";
        let usage = Usage::parse(stat, status, rollup).unwrap();
        assert_eq!(
            (usage.cpu, usage.resident_kib, usage.peak_kib, usage.shared_kib),
            (Duration::from_millis(1750), 1024, 2048, 100)
        );
        let times = Times::parse(stat).unwrap();
        assert_eq!((times.parent, times.of_ended_children), (1, Duration::from_millis(70)));
    }

    #[test]
    fn this_very_process_can_be_read() {
        let usage = Usage::of(std::process::id()).unwrap();
        assert!(usage.peak_kib >= usage.resident_kib && usage.resident_kib > 0);
    }

    #[test]
    fn a_process_that_is_not_there_is_an_error() {
        assert!(Usage::of(u32::MAX).is_err());
    }
}
