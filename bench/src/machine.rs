//! The machine, without which figures mean little: one line on what it is, and how busy it is with other things.

use std::fs;
use std::path::Path;
use std::thread::available_parallelism;
use std::time::Duration;

use anyhow::{Context, Result};
use tokio::time::sleep;

/// How long the machine is looked at before anything is started.
const LOOK: Duration = Duration::from_secs(1);

/// Processors, memory, kernel, and the file system `data` lies on: where that is in memory, commits cost nothing.
#[must_use]
pub fn describe(data: &Path) -> String {
    let cores = available_parallelism().map_or(0, usize::from);
    let model = field("/proc/cpuinfo", "model name").unwrap_or_else(|| "unknown processor".into());
    let kernel = fs::read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default();
    let file_system = file_system(data).unwrap_or_else(|| "an unknown file system".into());
    format!("{cores} × {model}, {} GiB, Linux {}, data on {file_system}", memory_gib(), kernel.trim())
}

/// How much of its processor time the machine spends now, on whatever it is (percent).
///
/// # Errors
/// When `/proc` cannot be read.
pub async fn busy_percent() -> Result<u64> {
    let now = || -> Result<Processors> {
        let stat = fs::read_to_string("/proc/stat").context("cannot read /proc/stat")?;
        Processors::parse(&stat).context("cannot read the processors' time")
    };
    let before = now()?;
    sleep(LOOK).await;
    Ok(now()?.busy_percent_since(before))
}

/// Processor time of the whole machine so far, in clock ticks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Processors {
    all: u64,
    idle: u64,
}

impl Processors {
    fn parse(stat: &str) -> Option<Self> {
        // proc(5): user, nice, system, idle, iowait, irq, softirq, steal; guests, which follow, count in user and nice.
        let line = stat.lines().find_map(|line| line.strip_prefix("cpu "))?;
        let ticks = line.split_ascii_whitespace().take(8).map(|field| field.parse().ok());
        let ticks = ticks.collect::<Option<Vec<u64>>>()?;
        Some(Self { all: ticks.iter().sum(), idle: ticks.get(3)? + ticks.get(4)? })
    }

    fn busy_percent_since(self, before: Self) -> u64 {
        let all = self.all.saturating_sub(before.all).max(1);
        100 - (100 * self.idle.saturating_sub(before.idle) / all).min(100)
    }
}

fn memory_gib() -> u64 {
    let total = field("/proc/meminfo", "MemTotal").unwrap_or_default();
    let kib: u64 = total.trim_end_matches(" kB").parse().unwrap_or(0);
    (kib + (1 << 19)) >> 20
}

/// The type of the file system that holds `path`: that of the longest mount point above it.
fn file_system(path: &Path) -> Option<String> {
    let path = path.canonicalize().ok()?;
    let mounts = fs::read_to_string("/proc/mounts").ok()?;
    mounts
        .lines()
        .filter_map(|line| {
            let mut words = line.split(' ').skip(1);
            Some((Path::new(words.next()?), words.next()?))
        })
        .filter(|(point, _)| path.starts_with(point))
        .max_by_key(|(point, _)| point.components().count())
        .map(|(_, kind)| kind.to_owned())
}

/// The value of the first line `name : value`.
fn field(file: &str, name: &str) -> Option<String> {
    let text = fs::read_to_string(file).ok()?;
    text.lines().find_map(|line| {
        let (key, value) = line.split_once(':')?;
        (key.trim() == name).then(|| value.trim().to_owned())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn busy_is_what_is_neither_idle_nor_waiting_for_a_disk() {
        let before = Processors::parse("cpu  100 0 50 800 50 0 0 0 100 0\ncpu0 1 1 1 1 1 1 1 1 1 1\n");
        assert_eq!(before, Some(Processors { all: 1000, idle: 850 }));
        let after = Processors { all: 1200, idle: 1000 };
        assert_eq!(before.map(|before| after.busy_percent_since(before)), Some(25));
        assert_eq!(Processors::parse("intr 1 2 3"), None);
    }

    #[test]
    fn kernel_files_lie_on_proc() {
        assert_eq!(file_system(Path::new("/proc/self")).as_deref(), Some("proc"));
    }

    #[test]
    fn the_line_names_processors_and_memory() {
        let line = describe(Path::new("/proc"));
        assert!(line.contains(" GiB, Linux ") && !line.contains(" 0 GiB"), "{line}");
        assert!(line.ends_with("data on proc"), "{line}");
    }
}
