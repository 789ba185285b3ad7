//! Logs of the processes that stay: `WXGATE_LOG` says what, `WXGATE_LOG_FORMAT` how. They go to
//! standard error, one line each.

use std::io::{self, IsTerminal as _};

use anyhow::Context as _;
use tracing_subscriber::EnvFilter;
use wxgate_settings::{Log, LogFormat};

/// Begins to log. Once in a process.
///
/// # Errors
/// When something logs already.
pub(crate) fn start(log: &Log) -> anyhow::Result<()> {
    let filter = EnvFilter::builder().parse(&log.filter).context("WXGATE_LOG cannot be used")?;
    let lines = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(io::stderr)
        .with_ansi(io::stderr().is_terminal());
    let started = match log.format {
        LogFormat::Human => lines.try_init(),
        LogFormat::Json => lines.json().flatten_event(true).try_init(),
    };
    started.map_err(anyhow::Error::from_boxed).context("logging cannot begin")
}
