//! The servers beside a gateway, seen from outside: what processor time they take.

use std::collections::HashMap;
use std::fs;
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result};

use crate::usage::Times;

/// The servers by name, and the environment's names for the programs that tell their processes; `scripts/servers`
/// sets them.
const SERVERS: [(&str, &str); 2] =
    [("PostgreSQL", "WXGATE_TEST_POSTGRES_CTL"), ("RabbitMQ", "WXGATE_TEST_RABBITMQ_CTL")];

/// The servers' first processes.
#[derive(Clone, Debug, Default)]
pub struct Servers {
    roots: Vec<(&'static str, u32)>,
}

impl Servers {
    /// Those that `scripts/servers` has started; none where it has not.
    ///
    /// # Errors
    /// When one cannot be asked for its process.
    pub fn from_environment() -> Result<Self> {
        let mut roots = Vec::new();
        for (name, variable) in SERVERS {
            let Some(program) = std::env::var_os(variable) else { continue };
            let told = Command::new(program)
                .arg("pid")
                .output()
                .with_context(|| format!("cannot run {variable}"))?;
            let pid = String::from_utf8_lossy(&told.stdout).trim().parse();
            roots.push((name, pid.with_context(|| format!("{variable} tells no process of {name}"))?));
        }
        Ok(Self { roots })
    }

    /// Processor time that each has taken so far, with all processes that it has started.
    ///
    /// # Errors
    /// When `/proc` cannot be read.
    pub fn cpu(&self) -> Result<Vec<(&'static str, Duration)>> {
        let processes = processes()?;
        Ok(self.roots.iter().map(|(name, pid)| (*name, of_tree(*pid, &processes))).collect())
    }
}

/// All processes of the machine.
fn processes() -> Result<HashMap<u32, Times>> {
    let entries = fs::read_dir("/proc").context("cannot read /proc")?;
    let pids = entries.filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok());
    // One that has ended meanwhile counts in its parent's.
    Ok(pids.filter_map(|pid| Some((pid, Times::of(pid).ok()?))).collect())
}

fn of_tree(root: u32, processes: &HashMap<u32, Times>) -> Duration {
    let of_this = processes.get(&root).map_or(Duration::ZERO, |times| times.own + times.of_ended_children);
    let children = processes.iter().filter(|(_, times)| times.parent == root);
    children.fold(of_this, |sum, (child, _)| sum + of_tree(*child, processes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tree_is_summed_with_those_that_have_ended() {
        let second = Duration::from_secs(1);
        let times =
            |parent, own, ended: u32| Times { parent, own: second * own, of_ended_children: second * ended };
        let processes =
            [(1, times(0, 1, 2)), (2, times(1, 4, 0)), (3, times(2, 8, 16)), (9, times(0, 99, 0))].into();
        assert_eq!(of_tree(1, &processes), second * 31);
        assert_eq!(of_tree(7, &processes), Duration::ZERO);
    }
}
