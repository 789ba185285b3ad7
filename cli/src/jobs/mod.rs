//! `wxgate jobs …`: look at jobs and mend them.

mod change;
mod filter;
mod prune;
mod view;

use anyhow::Context as _;
use clap::Subcommand;
use wxgate_job::JobId;
use wxgate_settings::Settings;

use self::change::{CancelArgs, RetryArgs};
use self::filter::ListArgs;
use self::prune::PruneArgs;
use self::view::{Job, JobList};
use crate::open;
use crate::output::Output;

/// `wxgate jobs …`.
#[derive(Debug, Subcommand)]
pub(crate) enum JobsCommand {
    /// List jobs, newest first.
    List(ListArgs),
    /// Show all that is known of a job: what was accepted, each attempt, each callback.
    Show {
        /// The job's id (the send ID that its caller got).
        #[arg(value_name = "ID")]
        id: JobId,
    },
    /// Let failed jobs run again, at once and for another day.
    Retry(RetryArgs),
    /// Cancel jobs that were not tried yet; their callers are told.
    Cancel(CancelArgs),
    /// Delete finished jobs that nobody waits for any more.
    Prune(PruneArgs),
}

/// Runs the command.
pub(crate) async fn run(settings: &Settings, command: JobsCommand, output: Output) -> anyhow::Result<()> {
    let store = open::for_operator(settings).await?;
    let store = store.as_ref();
    match command {
        JobsCommand::List(args) => output.show(&JobList::of(&filter::newest(store, args.filter()).await?)),
        JobsCommand::Show { id } => {
            let job = store.job(id).await?.with_context(|| format!("there is no job {id}"))?;
            output.show(&Job::of(&job))
        }
        JobsCommand::Retry(args) => change::retry(store, args, output).await,
        JobsCommand::Cancel(args) => change::cancel(store, args, output).await,
        JobsCommand::Prune(args) => prune::run(store, &args, output).await,
    }
}
