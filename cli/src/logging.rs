//! Logs of the processes that stay: `WXGATE_LOG` says what, `WXGATE_LOG_FORMAT` how. They go to
//! standard error, one line each. Traces, when they are wanted, take their spans beside them.

use std::io::{self, IsTerminal as _};

use anyhow::Context as _;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;
use tracing_subscriber::{EnvFilter, Layer as _, fmt, registry};
use wxgate_settings::{Log, LogFormat};
use wxgate_trace::Traces;

/// Begins to log, and to trace if that is wanted. Once in a process.
///
/// # Errors
/// When something logs already, or traces are wanted and cannot be had.
pub(crate) fn start(log: &Log) -> anyhow::Result<Option<Traces>> {
    let filter = EnvFilter::builder().parse(&log.filter).context("WXGATE_LOG cannot be used")?;
    let lines = fmt::layer().with_writer(io::stderr).with_ansi(io::stderr().is_terminal());
    let lines = match log.format {
        LogFormat::Human => lines.boxed(),
        LogFormat::Json => lines.json().flatten_event(true).boxed(),
    };
    let traces = Traces::wanted()?;
    let started = match &traces {
        None => registry().with(lines).with(filter).try_init(),
        Some(traces) => registry().with(lines.with_filter(filter)).with(traces.layer()).try_init(),
    };
    started.context("logging cannot begin")?;
    Ok(traces)
}
