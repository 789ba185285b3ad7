//! The program that browsers are driven through.

use std::io::{BufRead as _, BufReader, Read as _};
use std::os::unix::process::CommandExt as _;
use std::process::{Child, ChildStdout, Command, Stdio};

/// A running `chromedriver` on a port of its own; killed when dropped, with the browsers that it started.
#[derive(Debug)]
pub(super) struct Driver {
    child: Child,
    /// Kept open: whatever else it has to say must find somebody there.
    _output: BufReader<ChildStdout>,
    pub(super) url: String,
}

impl Driver {
    /// Starts it and waits until it listens.
    pub(super) fn start() -> Self {
        let mut child = Command::new("chromedriver")
            .arg("--port=0")
            .process_group(0)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("chromedriver is not there: run the tests through scripts/test");
        let mut output = BufReader::new(child.stdout.take().unwrap());
        let port = output.by_ref().lines().map_while(Result::ok).find_map(|line| port(&line));
        let port = port.expect("chromedriver says where it listens");
        Self { child, _output: output, url: format!("http://127.0.0.1:{port}") }
    }
}

/// Reads `ChromeDriver was started successfully on port 40123.`
fn port(line: &str) -> Option<u16> {
    line.split_once("successfully on port ")?.1.trim_end_matches('.').parse().ok()
}

impl Drop for Driver {
    fn drop(&mut self) {
        // The whole group: a browser outlives its driver.
        let group = format!("-{}", self.child.id());
        let _ = Command::new("kill").args(["-s", "KILL", "--", &group]).status();
        let _ = self.child.wait();
    }
}
