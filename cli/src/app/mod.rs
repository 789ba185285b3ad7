//! `wxgate app …`: the WeChat apps that the gateway acts for.

mod change;
mod view;

use anyhow::bail;
use clap::{Args, Subcommand};
use serde::Serialize;
use wxgate_operate::app::{self, AppError};
use wxgate_operate::view::AppView;
use wxgate_settings::Settings;
use wxgate_store::{Directory, Store};

use self::change::{AddArgs, SetArgs, in_flags};
use self::view::AppList;
use crate::output::{Output, Shown};
use crate::{fields, open};

/// `wxgate app …`.
#[derive(Debug, Subcommand)]
pub(crate) enum AppCommand {
    /// Add an app.
    #[command(after_help = fields::SECRETS_HELP)]
    Add(AddArgs),
    /// List all apps and what holds them back.
    List,
    /// Change an app; also tries again at once what WeChat had refused.
    #[command(after_help = fields::SECRETS_HELP)]
    Set(SetArgs),
    /// Remove an app.
    Remove(RemoveArgs),
}

/// Which app to remove.
#[derive(Args, Debug)]
pub(crate) struct RemoveArgs {
    /// The app's id.
    #[arg(long, value_name = "A", value_parser = fields::name)]
    app_id: String,
    /// Remove it although clients act for it; their requests are refused from then on (112).
    #[arg(long)]
    yes: bool,
}

/// Runs the command.
pub(crate) async fn run(settings: &Settings, command: AppCommand, output: Output) -> anyhow::Result<()> {
    let store = open::for_operator(settings).await?;
    match command {
        AppCommand::Add(args) => add(store.as_ref(), args, output).await,
        AppCommand::List => output.show(&AppList::of(&store.directory().await?)),
        AppCommand::Set(args) => set(store.as_ref(), args, output).await,
        AppCommand::Remove(args) => remove(store.as_ref(), &args, output).await,
    }
}

async fn add(store: &dyn Store, args: AddArgs, output: Output) -> anyhow::Result<()> {
    let (app_id, change) = args.into_change();
    app::add(store, &app_id, change).await.map_err(in_flags)?;
    output.show(&Changed { done: "added", app: view(store, &app_id).await? })
}

async fn set(store: &dyn Store, args: SetArgs, output: Output) -> anyhow::Result<()> {
    let (app_id, change) = args.into_change();
    app::set(store, &app_id, change).await.map_err(in_flags)?;
    output.show(&Changed { done: "changed", app: view(store, &app_id).await? })
}

/// The app as it is now, authorised or not.
async fn view(store: &dyn Store, app_id: &str) -> anyhow::Result<AppView> {
    let directory = store.directory().await?;
    let app = directory.apps.get(app_id).ok_or_else(|| AppError::Unknown(app_id.to_owned()))?;
    Ok(AppView::of(app, &directory))
}

async fn remove(store: &dyn Store, args: &RemoveArgs, output: Output) -> anyhow::Result<()> {
    let app_id = args.app_id.as_str();
    let directory = store.directory().await?;
    let app = directory.apps.get(app_id).ok_or_else(|| AppError::Unknown(app_id.to_owned()))?;
    let acts = |client: &str| directory.clients[client].app_id.as_deref() == Some(app_id);
    let mut clients: Vec<&str> =
        directory.clients.keys().map(String::as_str).filter(|client| acts(client)).collect();
    clients.sort_unstable();
    if !clients.is_empty() && !args.yes {
        bail!(
            "clients act for app {app_id} and would be refused from then on ({}): give them another app, or say --yes",
            clients.join(", ")
        );
    }
    store.remove_app(app_id).await?;
    output.show(&Changed { done: "removed", app: AppView::of(app, &Directory::default()) })
}

/// An app after a change.
#[derive(Debug, Serialize)]
struct Changed {
    done: &'static str,
    app: AppView,
}

impl Shown for Changed {
    fn text(&self) -> String {
        format!("{} app {}", self.done, self.app.app_id)
    }
}
