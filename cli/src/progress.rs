//! Signs of life for work that takes a while. They go to standard error, and only when that is a
//! terminal.

use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};

/// How often a spinner moves.
const TICK: Duration = Duration::from_millis(100);

/// Counts up without a known end.
pub(crate) fn counter(doing: &str) -> ProgressBar {
    let bar = ProgressBar::new_spinner();
    styled(&bar, "{spinner} {msg} {human_pos} ({elapsed})");
    bar.set_message(doing.to_owned());
    bar.enable_steady_tick(TICK);
    bar
}

/// Counts up to `total`. Its message is a remark at the end.
pub(crate) fn bar(doing: &str, total: u64) -> ProgressBar {
    let bar = ProgressBar::new(total);
    styled(&bar, "{prefix} [{wide_bar}] {human_pos}/{human_len} ({eta} left{msg})");
    bar.set_prefix(doing.to_owned());
    bar
}

/// Keeps the bar's plain look should a template ever not parse.
fn styled(bar: &ProgressBar, template: &str) {
    if let Ok(style) = ProgressStyle::with_template(template) {
        bar.set_style(style);
    }
}
