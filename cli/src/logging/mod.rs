//! Logs of the processes that stay: `WXGATE_LOG` says what, `WXGATE_LOG_FORMAT` how. They go to
//! standard error, one line each. Traces, when they are wanted, take their spans beside them.

mod line;

use std::io::{self, IsTerminal as _};

use anyhow::Context as _;
use tracing::subscriber::Interest;
use tracing::{Level, Metadata};
use tracing_subscriber::filter::{FilterExt as _, dynamic_filter_fn, filter_fn};
use tracing_subscriber::layer::Filter;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;
use tracing_subscriber::{EnvFilter, Layer as _, fmt, registry};
use wxgate_settings::{Log, LogFormat};
use wxgate_trace::Traces;

use self::line::Lines;

/// Where the server says at `error` that what came was no HTTP: anybody could fill the log with that.
const OF_STRANGERS: &str = "actix_http::h1::dispatcher";

/// Begins to log, and to trace if that is wanted. Once in a process.
///
/// # Errors
/// When something logs already, or traces are wanted and cannot be had.
pub(crate) fn start(log: &Log) -> anyhow::Result<Option<Traces>> {
    let filter = EnvFilter::builder().parse(filter(&log.filter)).context("WXGATE_LOG cannot be used")?;
    let lines = fmt::layer().with_writer(Lines).with_ansi(io::stderr().is_terminal());
    let lines = match log.format {
        LogFormat::Human => lines.boxed(),
        LogFormat::Json => lines.json().flatten_event(true).boxed(),
    };
    let traces = Traces::wanted()?;
    let started = match &traces {
        None => registry().with(lines).with(filter).with(filter_fn(tells_no_password)).try_init(),
        Some(traces) => {
            let lines = lines.with_filter(filter.and(of_passwords()));
            registry().with(lines).with(traces.layer()).try_init()
        }
    };
    started.context("logging cannot begin")?;
    Ok(traces)
}

/// Whatever the directives say: at `trace` lapin tells each frame that it writes, the one with the broker's password
/// among them.
fn tells_no_password(metadata: &Metadata<'_>) -> bool {
    *metadata.level() < Level::TRACE || !metadata.target().starts_with("lapin")
}

/// The same beside another layer. Never 'always': what is not asked about again would be taken for unwanted after a
/// line that nobody wanted (tracing-subscriber 0.3).
fn of_passwords<S>() -> impl Filter<S> {
    dynamic_filter_fn(|metadata, _| tells_no_password(metadata)).with_callsite_filter(|metadata| {
        if tells_no_password(metadata) { Interest::sometimes() } else { Interest::never() }
    })
}

/// The operator's directives, and without that of strangers unless these speak of the server themselves.
fn filter(directives: &str) -> String {
    if directives.contains("actix_http") {
        directives.to_owned()
    } else {
        format!("{directives},{OF_STRANGERS}=off")
    }
}
