//! One line on the machine, without which figures mean little.

use std::fs;
use std::path::Path;
use std::thread::available_parallelism;

/// Processors, memory, kernel, and the file system `data` lies on: where that is in memory, commits cost nothing.
#[must_use]
pub fn describe(data: &Path) -> String {
    let cores = available_parallelism().map_or(0, usize::from);
    let model = field("/proc/cpuinfo", "model name").unwrap_or_else(|| "unknown processor".into());
    let kernel = fs::read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default();
    let file_system = file_system(data).unwrap_or_else(|| "an unknown file system".into());
    format!("{cores} × {model}, {} GiB, Linux {}, data on {file_system}", memory_gib(), kernel.trim())
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
