//! Doing one thing to many jobs or callbacks: a few at a time, with progress, and a tally of what
//! was refused and why.

use std::fmt::Display;
use std::future::Future;
use std::iter;

use anyhow::{Context as _, bail};
use futures_util::stream::{self, StreamExt as _};
use serde::Serialize;
use wxgate_store::StoreError;

use crate::output::{Output, Shown};
use crate::progress;

/// Changes under way at a time: they wait for the store's disk and network, not for us. Far below
/// what one process of the gateway itself has under way.
const AT_ONCE: usize = 8;

/// Refusals told one by one; of more only the number.
const REFUSALS_TOLD: usize = 20;

/// What became of many changes.
#[derive(Debug, Serialize)]
pub(crate) struct Tally {
    /// What was done to them: `retried`, `cancelled`.
    #[serde(skip)]
    what: &'static str,
    done: u64,
    refused: Vec<Refused>,
}

/// A change that was refused; nothing happened to it.
#[derive(Debug, Serialize)]
struct Refused {
    id: String,
    reason: String,
}

/// Does `act` to each of `items`. It answers why it refused, or nothing when it was done.
///
/// # Errors
/// When the store fails; says how far it came. Doing all of it again is harmless.
pub(crate) async fn each<T, F>(
    what: &'static str,
    items: Vec<T>,
    act: impl Fn(T) -> F,
) -> anyhow::Result<Tally>
where
    T: Copy + Display,
    F: Future<Output = Result<Option<String>, StoreError>>,
{
    let total = items.len() as u64;
    let bar = progress::bar(what, total);
    let mut tally = Tally { what, done: 0, refused: Vec::new() };
    let mut outcomes = stream::iter(items)
        .map(|item| {
            let acting = act(item);
            async move { (item, acting.await) }
        })
        .buffer_unordered(AT_ONCE);
    while let Some((item, outcome)) = outcomes.next().await {
        match outcome.with_context(|| format!("stopped after {} of {total} were {what}", tally.done))? {
            None => tally.done += 1,
            Some(reason) => tally.refused.push(Refused { id: item.to_string(), reason }),
        }
        bar.inc(1);
    }
    bar.finish_and_clear();
    Ok(tally)
}

impl Tally {
    /// Shows the tally of what was asked for by name: a refusal is a failure.
    ///
    /// # Errors
    /// When anything was refused.
    pub(crate) fn show_strictly(self, output: Output) -> anyhow::Result<()> {
        output.show(&self)?;
        self.verdict()
    }

    fn verdict(&self) -> anyhow::Result<()> {
        match self.refused.len() as u64 {
            0 => Ok(()),
            refused => bail!("{refused} of {} were not {}", refused + self.done, self.what),
        }
    }
}

impl Shown for Tally {
    fn text(&self) -> String {
        let what = self.what;
        let told = self.refused.iter().take(REFUSALS_TOLD);
        let told = told.map(|refused| format!("{} was not {what}: {}", refused.id, refused.reason));
        let untold = self.refused.len().saturating_sub(REFUSALS_TOLD);
        let rest = (untold > 0).then(|| format!("and {untold} more were not"));
        let lines: Vec<String> =
            iter::once(format!("{} {what}", self.done)).chain(told).chain(rest).collect();
        lines.join("\n")
    }
}

/// Refuses to change what was chosen by a filter until that is confirmed, or there is none of it.
///
/// # Errors
/// Unless `yes`: says how many it would be.
pub(crate) fn confirm(yes: bool, count: usize, what: &str) -> anyhow::Result<()> {
    if yes || count == 0 {
        return Ok(());
    }
    bail!("nothing was changed: {count} would be {what}; say --yes to do it")
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use super::*;

    #[tokio::test]
    async fn what_was_refused_is_told_with_its_reason() {
        let odd = |n: u32| async move { Ok((n % 2 == 1).then(|| "it is odd".to_owned())) };
        let mut tally = each("halved", (1..=5).collect(), odd).await.unwrap();
        tally.refused.sort_by(|one, other| one.id.cmp(&other.id));
        assert_eq!(
            tally.text(),
            "2 halved\n1 was not halved: it is odd\n3 was not halved: it is odd\n5 was not halved: it is odd"
        );
        let error = tally.verdict().unwrap_err();
        assert_eq!(error.to_string(), "3 of 5 were not halved");
    }

    #[tokio::test]
    async fn a_failing_store_ends_it_with_what_was_done_so_far() {
        let fails =
            |n: u32| async move { if n < 3 { Ok(None) } else { Err(StoreError::Schema("gone".to_owned())) } };
        let error = each("halved", vec![1, 2, 3], fails).await.unwrap_err();
        assert_eq!(error.to_string(), "stopped after 2 of 3 were halved");
    }
}
