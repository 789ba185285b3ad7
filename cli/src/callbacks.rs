//! `wxgate callbacks …`: callbacks that were given up, and sending them again.

use std::collections::HashSet;
use std::fmt;
use std::str::FromStr;

use anyhow::bail;
use clap::{Args, Subcommand};
use serde::Serialize;
use wxgate_job::JobId;
use wxgate_settings::Settings;
use wxgate_store::model::callback::{CallbackId, CallbackState};
use wxgate_store::model::status::{CallbackDetail, JobDetail};
use wxgate_store::{Store, StoreError};

use crate::history::{self, AttemptView};
use crate::local_time::{local, seconds};
use crate::output::{Output, Shown};
use crate::table::Table;
use crate::{bulk, open, progress};

/// Callbacks read at a time when all of them are wanted.
const PAGE: u32 = 1000;

/// `wxgate callbacks …`.
#[derive(Debug, Subcommand)]
pub(crate) enum CallbacksCommand {
    /// List callbacks that were given up, newest first.
    List(ListArgs),
    /// Send callbacks again that are over, at once and with all their attempts before them.
    Retry(RetryArgs),
}

/// Which callbacks to list.
#[derive(Args, Debug)]
pub(crate) struct ListArgs {
    /// Only those of jobs older than this one: for the next page, the last id of the one before.
    #[arg(long, value_name = "ID")]
    before: Option<JobId>,
    /// At most so many.
    #[arg(long, value_name = "N", default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    limit: u32,
}

/// Which callbacks to send again.
#[derive(Args, Debug)]
pub(crate) struct RetryArgs {
    /// Job ids, or callbacks as they are listed.
    #[arg(
        value_name = "CALLBACK",
        required_unless_present = "all_exhausted",
        conflicts_with = "all_exhausted"
    )]
    ids: Vec<Name>,
    /// All callbacks that were given up.
    #[arg(long)]
    all_exhausted: bool,
    /// Do it; without this it is only told how many callbacks it would be.
    #[arg(long)]
    yes: bool,
}

/// Callbacks as they are typed: all of a job's, or the one that is listed under this name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Name {
    job: JobId,
    seq: Option<i32>,
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.seq {
            Some(seq) => write!(f, "{}/{seq}", self.job),
            None => self.job.fmt(f),
        }
    }
}

impl FromStr for Name {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (job, seq) = text.split_once('/').map_or((text, None), |(job, seq)| (job, Some(seq)));
        let seq = seq.map(str::parse).transpose();
        match (job.parse(), seq) {
            (Ok(job), Ok(seq)) => Ok(Self { job, seq }),
            _ => Err(
                "must be a job's id, or the name of one callback such as 4711/1 ('wxgate callbacks list')",
            ),
        }
    }
}

/// Runs the command.
pub(crate) async fn run(
    settings: &Settings,
    command: CallbacksCommand,
    output: Output,
) -> anyhow::Result<()> {
    let store = open::for_operator(settings).await?;
    match command {
        CallbacksCommand::List(args) => {
            let callbacks = store.exhausted_callbacks(args.before, args.limit).await?;
            output.show(&CallbackList(callbacks.iter().map(CallbackShown::of).collect()))
        }
        CallbacksCommand::Retry(args) => retry(store.as_ref(), args, output).await,
    }
}

async fn retry(store: &dyn Store, args: RetryArgs, output: Output) -> anyhow::Result<()> {
    let act = |name| retry_one(store, name);
    if args.all_exhausted {
        let names = all_exhausted(store).await?;
        bulk::confirm(args.yes, names.len(), "sent again")?;
        return output.show(&bulk::each("queued again", names, act).await?);
    }
    if args.yes {
        bail!("--yes goes with --all-exhausted, not with callbacks named one by one");
    }
    bulk::each("queued again", args.ids, act).await?.show_strictly(output)
}

async fn retry_one(store: &dyn Store, name: Name) -> Result<Option<String>, StoreError> {
    let seqs = match name.seq {
        Some(seq) => vec![seq],
        None => store.job(name.job).await?.map(|job| seqs(&job)).unwrap_or_default(),
    };
    let mut replayed = false;
    for seq in seqs {
        replayed |= store.replay_callback(CallbackId { job: name.job, seq }).await?;
    }
    Ok((!replayed).then(|| "there is no such callback, or it is not over yet".to_owned()))
}

fn seqs(job: &JobDetail) -> Vec<i32> {
    job.callbacks.iter().map(|callback| callback.seq).collect()
}

/// A job's callbacks may be spread over two pages, so each page begins with the job that ended the
/// one before.
async fn all_exhausted(store: &dyn Store) -> anyhow::Result<Vec<Name>> {
    let counter = progress::counter("looking for callbacks:");
    let (mut seen, mut names, mut before) = (HashSet::new(), Vec::new(), None);
    loop {
        let page = store.exhausted_callbacks(before, PAGE).await?;
        let found = page.iter().map(name).filter(|&name| seen.insert(name)).collect::<Vec<_>>();
        before = page.last().and_then(|last| JobId::new(last.job.get() + 1).ok());
        names.extend_from_slice(&found);
        counter.set_position(names.len() as u64);
        if found.is_empty() {
            counter.finish_and_clear();
            return Ok(names);
        }
    }
}

fn name(callback: &CallbackDetail) -> Name {
    Name { job: callback.job, seq: Some(callback.seq) }
}

/// A callback as operators see it.
#[derive(Debug, Serialize)]
pub(crate) struct CallbackShown {
    callback: String,
    job_id: JobId,
    url: String,
    state: CallbackState,
    attempts: u32,
    last_status: Option<u16>,
    due_at: i64,
    history: Vec<AttemptView>,
    #[serde(skip)]
    last_tried: String,
}

impl CallbackShown {
    pub(crate) fn of(callback: &CallbackDetail) -> Self {
        Self {
            callback: name(callback).to_string(),
            job_id: callback.job,
            url: callback.url.clone(),
            state: callback.view.state,
            attempts: callback.view.attempts,
            last_status: callback.view.last_status,
            due_at: seconds(callback.due_at),
            history: history::views(&callback.attempts),
            last_tried: callback.attempts.last().map(|attempt| local(attempt.at)).unwrap_or_default(),
        }
    }

    fn status(&self) -> String {
        self.last_status.map_or_else(|| "no answer".to_owned(), |status| format!("HTTP {status}"))
    }
}

impl Shown for CallbackShown {
    fn text(&self) -> String {
        let heading = format!("callback {}, {}, to {}", self.callback, self.state.as_str(), self.url);
        format!("{heading}\n{}", history::text(&self.history))
    }
}

/// Callbacks, newest first.
#[derive(Debug, Serialize)]
#[serde(transparent)]
struct CallbackList(Vec<CallbackShown>);

impl Shown for CallbackList {
    fn text(&self) -> String {
        let mut table = Table::new(["CALLBACK", "TRIED", "LAST", "LAST ANSWER", "URL"], &["URL"]);
        for callback in &self.0 {
            table.add([
                callback.callback.clone(),
                callback.attempts.to_string(),
                callback.last_tried.clone(),
                callback.status(),
                callback.url.clone(),
            ]);
        }
        table.text("no callback was given up")
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use super::*;

    #[test]
    fn a_callbacks_name_reads_back() {
        for text in ["4711/1", "4711"] {
            assert_eq!(text.parse::<Name>().unwrap().to_string(), text);
        }
        for bad in ["", "4711/", "/1", "0/1", "4711/x", "4711/1/2"] {
            assert!(bad.parse::<Name>().is_err(), "{bad}");
        }
    }
}
