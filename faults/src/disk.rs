//! A disk of the embedded store's own, which can be full: a file system in memory whose size is set to
//! what is on it. To mount one takes root (`scripts/faults` gives it a mount namespace of its own, so
//! that it goes with the run whatever becomes of that).

use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result, ensure};

/// Its size when it is not full. It takes as much memory as is stored on it.
const ROOMY: &str = "2g";
/// Left when it is full (KiB): less than what a commit of a few jobs takes.
const LEFT_KIB: u64 = 16;
/// What is tried to be written (bytes) to see whether it is full.
const PROBE: usize = 64 * 1024;

/// The disk; unmounted when dropped.
#[derive(Debug)]
pub struct Disk {
    path: PathBuf,
}

impl Disk {
    /// Mounts one at an empty folder.
    ///
    /// # Errors
    /// When that is not allowed here.
    pub fn mount(path: &Path) -> Result<Self> {
        run("mount", &["-t", "tmpfs", "-o", &format!("size={ROOMY}"), "wxgate-faults", text(path)?])?;
        Ok(Self { path: path.to_owned() })
    }

    /// Leaves no room, and makes sure of it.
    ///
    /// # Errors
    /// When its size cannot be set, or it still takes something.
    pub fn fill(&self) -> Result<()> {
        // What is written between the look and the change makes it too small, and is looked at again.
        let mut last = Ok(());
        for _ in 0..20 {
            last = self.resize(&format!("{}k", self.used_kib()? + LEFT_KIB));
            if last.is_ok() {
                break;
            }
        }
        last?;
        ensure!(self.refuses()?, "the disk is not full");
        Ok(())
    }

    fn refuses(&self) -> Result<bool> {
        let probe = self.path.join("probe");
        let written = std::fs::write(&probe, vec![1; PROBE]);
        std::fs::remove_file(&probe)?;
        Ok(written.is_err_and(|error| error.kind() == ErrorKind::StorageFull))
    }

    /// Makes room.
    ///
    /// # Errors
    /// When its size cannot be set.
    pub fn free(&self) -> Result<()> {
        self.resize(ROOMY)
    }

    fn used_kib(&self) -> Result<u64> {
        let output = Command::new("df").args(["--output=used", "-k"]).arg(&self.path).output()?;
        let text = String::from_utf8(output.stdout)?;
        text.lines().nth(1).and_then(|used| used.trim().parse().ok()).context("df says nothing")
    }

    fn resize(&self, size: &str) -> Result<()> {
        run("mount", &["-o", &format!("remount,size={size}"), text(&self.path)?])
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        // Lazily, since a process that is being killed may still have files open; nobody is left to
        // hear of a failure.
        drop(Command::new("umount").arg("--lazy").arg(&self.path).status());
    }
}

fn text(path: &Path) -> Result<&str> {
    path.to_str().context("a path that is not UTF-8")
}

fn run(program: &str, arguments: &[&str]) -> Result<()> {
    let output = Command::new(program).args(arguments).output().with_context(|| format!("no {program}"))?;
    let complaint = String::from_utf8_lossy(&output.stderr).into_owned();
    ensure!(output.status.success(), "{program} {}: {}", arguments.join(" "), complaint.trim());
    Ok(())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use super::*;

    #[test]
    fn a_full_disk_takes_nothing_and_a_freed_one_does() {
        let folder = tempfile::tempdir().unwrap();
        let Ok(disk) = Disk::mount(folder.path()) else {
            eprintln!("not tried: mounting is not allowed here");
            return;
        };
        let file = folder.path().join("file");
        std::fs::write(&file, vec![1; 100_000]).unwrap();
        disk.fill().unwrap();
        assert!(std::fs::write(folder.path().join("more"), vec![1; 100_000]).is_err());
        disk.free().unwrap();
        std::fs::write(folder.path().join("more"), vec![1; 100_000]).unwrap();
    }
}
