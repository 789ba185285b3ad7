//! `jobs retry` and `jobs cancel`: jobs named one by one, or all that pass a filter.

use anyhow::bail;
use clap::Args;
use wxgate_job::{JobId, JobState};
use wxgate_operate::jobs::{self, Seen};
use wxgate_store::Store;
use wxgate_store::model::operate::JobFilter;

use super::filter::{self, Whose};
use crate::bulk;
use crate::output::Output;

/// Which jobs to retry.
#[derive(Args, Debug)]
pub(crate) struct RetryArgs {
    /// The jobs' ids.
    #[arg(value_name = "ID", required_unless_present = "all_failed", conflicts_with = "all_failed")]
    ids: Vec<JobId>,
    /// All failed jobs, or those of them that the filters leave.
    #[arg(long)]
    all_failed: bool,
    #[command(flatten)]
    whose: Whose,
    /// Do it; without this it is only told how many jobs it would be.
    #[arg(long)]
    yes: bool,
}

/// Which jobs to cancel.
#[derive(Args, Debug)]
pub(crate) struct CancelArgs {
    /// The jobs' ids.
    #[arg(value_name = "ID", required_unless_present = "all_queued", conflicts_with = "all_queued")]
    ids: Vec<JobId>,
    /// All queued jobs, or those of them that the filters leave.
    #[arg(long)]
    all_queued: bool,
    #[command(flatten)]
    whose: Whose,
    /// Do it; without this it is only told how many jobs it would be.
    #[arg(long)]
    yes: bool,
}

/// Queues jobs again.
pub(super) async fn retry(store: &dyn Store, args: RetryArgs, output: Output) -> anyhow::Result<()> {
    let act = |seen| async move { Ok(jobs::retry(store, seen).await?.refusal()) };
    if args.all_failed {
        let failed = confirmed(store, args.whose.in_state(JobState::Failed), args.yes, "retried").await?;
        return output.show(&bulk::each("retried", failed, act).await?);
    }
    refuse_filters(&args.whose, args.yes, "--all-failed")?;
    bulk::each("retried", args.ids.into_iter().map(Seen::from).collect(), act).await?.show_strictly(output)
}

/// Cancels jobs.
pub(super) async fn cancel(store: &dyn Store, args: CancelArgs, output: Output) -> anyhow::Result<()> {
    let act = |seen: Seen| async move { Ok(jobs::cancel(store, seen.id).await?.refusal()) };
    if args.all_queued {
        let queued = confirmed(store, args.whose.in_state(JobState::Queued), args.yes, "cancelled").await?;
        return output.show(&bulk::each("cancelled", queued, act).await?);
    }
    refuse_filters(&args.whose, args.yes, "--all-queued")?;
    bulk::each("cancelled", args.ids.into_iter().map(Seen::from).collect(), act).await?.show_strictly(output)
}

async fn confirmed(store: &dyn Store, filter: JobFilter, yes: bool, what: &str) -> anyhow::Result<Vec<Seen>> {
    let jobs = filter::all(store, filter).await?;
    bulk::confirm(yes, jobs.len(), what)?;
    Ok(jobs)
}

fn refuse_filters(whose: &Whose, yes: bool, flag: &str) -> anyhow::Result<()> {
    if whose.is_anyone() && !yes {
        return Ok(());
    }
    bail!("--client, --app, --subject and --yes go with {flag}, not with jobs named one by one")
}
