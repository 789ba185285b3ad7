//! The process itself, as Prometheus' own clients tell of it: read from Linux' `/proc` when it is shown.

use std::fs;
use std::time::{SystemTime, UNIX_EPOCH};

use super::text::{Text, float, only};

/// In which `/proc/self/stat` counts time: 100 a second, whatever the kernel itself uses (proc(5)).
const TICKS_PER_SECOND: f64 = 100.0;

/// Notes when the process began, as far as this module was asked early.
#[derive(Clone, Copy, Debug)]
pub(super) struct Process {
    started_at: f64,
}

impl Process {
    pub(super) fn now() -> Self {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Self { started_at: since.as_secs_f64() }
    }

    /// Writes what can be read. Elsewhere than on Linux that is less.
    pub(super) fn tell(self, text: &mut Text) {
        let version = [([env!("CARGO_PKG_VERSION").to_owned()], 1.0)];
        text.gauge("wxgate_build_info", "Which version this is", ["version"], version);
        let started = only(self.started_at);
        text.gauge("process_start_time_seconds", "When the process began (Unix seconds)", [], started);
        if let Some(seconds) = fs::read_to_string("/proc/self/stat").ok().as_deref().and_then(cpu_seconds) {
            text.counter("process_cpu_seconds_total", "CPU time used (s)", [], only(seconds));
        }
        if let Some(bytes) = fs::read_to_string("/proc/self/status").ok().as_deref().and_then(resident_bytes)
        {
            text.gauge("process_resident_memory_bytes", "Memory in use", [], only(bytes));
        }
        if let Ok(files) = fs::read_dir("/proc/self/fd") {
            let files = float(files.count() as u64);
            text.gauge("process_open_fds", "Open files and connections", [], only(files));
        }
    }
}

/// User and system time: the 14th and 15th field, of which the second may hold spaces and ends with the
/// last parenthesis.
fn cpu_seconds(stat: &str) -> Option<f64> {
    let (_, rest) = stat.rsplit_once(')')?;
    let mut fields = rest.split_ascii_whitespace().skip(11);
    let (user, system): (u64, u64) = (fields.next()?.parse().ok()?, fields.next()?.parse().ok()?);
    Some(float(user + system) / TICKS_PER_SECOND)
}

fn resident_bytes(status: &str) -> Option<f64> {
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kib: u64 = line.split_ascii_whitespace().next()?.parse().ok()?;
    Some(float(kib * 1024))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_linux_tells_is_read() {
        let stat = "7 (a (b) c) S 1 7 7 0 -1 4194560 900 0 0 0 150 25 0 0 20 0 4 0 100 1 2";
        assert_eq!(cpu_seconds(stat), Some(1.75));
        assert_eq!(resident_bytes("Name:\tx\nVmRSS:\t    2048 kB\nThreads:\t3\n"), Some(2_097_152.0));
        assert_eq!((cpu_seconds("7 (x"), resident_bytes("Name: x")), (None, None));
    }
}
