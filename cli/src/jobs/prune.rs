//! `jobs prune`: in batches, so that it never holds up the gateway at work for long.

use std::time::Duration;

use clap::Args;
use serde::Serialize;
use wxgate_store::Store;

use crate::output::{Output, Shown};
use crate::progress;

/// Jobs deleted in one transaction: some tens of milliseconds on either store.
const BATCH: u32 = 1000;

/// What to delete.
#[derive(Args, Debug)]
pub(crate) struct PruneArgs {
    /// Delete finished jobs that have not changed for so many days and whose callbacks are over.
    #[arg(long, value_name = "DAYS", value_parser = clap::value_parser!(u16).range(0..=3650))]
    older_than: u16,
}

/// Deletes until there is no more.
pub(super) async fn run(store: &dyn Store, args: &PruneArgs, output: Output) -> anyhow::Result<()> {
    let age = Duration::from_hours(24 * u64::from(args.older_than));
    let counter = progress::counter("deleting jobs:");
    let mut deleted = 0;
    loop {
        let batch = store.prune(age, BATCH).await?;
        deleted += batch;
        counter.set_position(deleted);
        if batch < u64::from(BATCH) {
            counter.finish_and_clear();
            return output.show(&Pruned { deleted, older_than_days: args.older_than });
        }
    }
}

/// How much was deleted.
#[derive(Debug, Serialize)]
struct Pruned {
    deleted: u64,
    older_than_days: u16,
}

impl Shown for Pruned {
    fn text(&self) -> String {
        format!("{} deleted", self.deleted)
    }
}
