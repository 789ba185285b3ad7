//! `wxgate app …`: the WeChat apps that the gateway acts for.

mod change;
mod view;

use anyhow::{Context as _, bail};
use clap::{Args, Subcommand};
use serde::Serialize;
use wxgate_settings::Settings;
use wxgate_store::{Directory, Store};

use self::change::{AddArgs, SetArgs};
use self::view::{AppList, AppView};
use crate::output::{Output, Shown};
use crate::{fields, open};

/// `wxgate app …`.
#[derive(Debug, Subcommand)]
pub(crate) enum AppCommand {
    /// Add an app.
    Add(AddArgs),
    /// List all apps and what holds them back.
    List,
    /// Change an app; also tries again at once what WeChat had refused.
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
    let app = args.into_app()?;
    if store.directory().await?.apps.contains_key(&app.app_id) {
        bail!("there is an app {0} already: change it with 'wxgate app set --app-id {0}'", app.app_id);
    }
    store.put_app(&app).await?;
    output.show(&Changed { done: "added", app: AppView::of(&app, &Directory::default()) })
}

async fn set(store: &dyn Store, args: SetArgs, output: Output) -> anyhow::Result<()> {
    let directory = store.directory().await?;
    let app = directory.apps.get(args.app_id()).with_context(|| unknown(args.app_id()))?;
    let app = args.changed(app)?;
    store.put_app(&app).await?;
    // Whoever changes an app expects it to be tried now, not at the next probe.
    for gate in directory.gates.iter().filter(|gate| gate.app_id == app.app_id) {
        store.open_gate(&gate.app_id, &gate.kind).await?;
    }
    output.show(&Changed { done: "changed", app: AppView::of(&app, &Directory::default()) })
}

async fn remove(store: &dyn Store, args: &RemoveArgs, output: Output) -> anyhow::Result<()> {
    let app_id = args.app_id.as_str();
    let directory = store.directory().await?;
    let app = directory.apps.get(app_id).with_context(|| unknown(app_id))?;
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

fn unknown(app_id: &str) -> String {
    format!("there is no app {app_id}: 'wxgate app list' lists them, 'wxgate app add' adds one")
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
