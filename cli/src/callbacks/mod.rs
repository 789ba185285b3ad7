//! `wxgate callbacks …`: callbacks that were given up, and sending them again.

mod view;

use anyhow::bail;
use clap::{Args, Subcommand};
use wxgate_operate::callbacks::{Name, replay};
use wxgate_settings::Settings;
use wxgate_store::Store;

use self::view::CallbackList;
pub(crate) use self::view::text;
use crate::output::Output;
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
    /// Only those older than this one: for the next page, the last callback of the one before.
    #[arg(long, value_name = "CALLBACK")]
    before: Option<Name>,
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

/// Runs the command.
pub(crate) async fn run(
    settings: &Settings,
    command: CallbacksCommand,
    output: Output,
) -> anyhow::Result<()> {
    let store = open::for_operator(settings).await?;
    match command {
        CallbacksCommand::List(args) => {
            let callbacks = store.exhausted_callbacks(args.before.map(Name::cursor), args.limit).await?;
            output.show(&CallbackList::of(&callbacks))
        }
        CallbacksCommand::Retry(args) => retry(store.as_ref(), args, output).await,
    }
}

async fn retry(store: &dyn Store, args: RetryArgs, output: Output) -> anyhow::Result<()> {
    let act = |name| async move { Ok(replay(store, name).await?.refusal()) };
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

async fn all_exhausted(store: &dyn Store) -> anyhow::Result<Vec<Name>> {
    let counter = progress::counter("looking for callbacks:");
    let mut names = Vec::new();
    loop {
        let page = store.exhausted_callbacks(names.last().copied().map(Name::cursor), PAGE).await?;
        names.extend(page.iter().map(Name::of));
        counter.set_position(names.len() as u64);
        if page.is_empty() {
            counter.finish_and_clear();
            return Ok(names);
        }
    }
}
