//! `wxgate app …`: the WeChat apps that the gateway acts for.

mod change;
mod view;

use anyhow::{Context as _, bail};
use clap::{Args, Subcommand};
use serde::Serialize;
use wxgate_settings::Settings;
use wxgate_store::{Directory, Store};

use self::change::{AddArgs, NewApp, SetArgs};
use self::view::{AppList, AppView};
use crate::component::unknown_component;
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
    let new = args.into_app()?;
    let directory = store.directory().await?;
    let app_id = &new.app.app_id;
    if directory.apps.contains_key(app_id) {
        bail!("there is an app {app_id} already: change it with 'wxgate app set --app-id {app_id}'");
    }
    put(store, &directory, &new).await?;
    output.show(&Changed { done: "added", app: view(store, app_id).await? })
}

async fn set(store: &dyn Store, args: SetArgs, output: Output) -> anyhow::Result<()> {
    let directory = store.directory().await?;
    let app = directory.apps.get(args.app_id()).with_context(|| unknown(args.app_id()))?;
    let new = args.changed(app)?;
    let app_id = &new.app.app_id;
    put(store, &directory, &new).await?;
    // Whoever changes an app expects it to be tried now, not at the next probe.
    for gate in directory.gates.iter().filter(|gate| gate.app_id == *app_id) {
        store.open_gate(&gate.app_id, &gate.kind).await?;
    }
    output.show(&Changed { done: "changed", app: view(store, app_id).await? })
}

async fn put(store: &dyn Store, directory: &Directory, new: &NewApp) -> anyhow::Result<()> {
    let platform = new.app.component_appid.as_deref();
    let before = directory.apps.get(&new.app.app_id).and_then(|app| app.component_appid.as_deref());
    // An app whose platform was removed can still be changed.
    if let Some(platform) = platform.filter(|_| platform != before)
        && !directory.components.contains_key(platform)
    {
        bail!("{}", unknown_component(platform));
    }
    store.put_app(&new.app).await?;
    if let (Some(platform), Some(refresh_token)) = (platform, &new.refresh_token) {
        store.authorise(&new.app.app_id, platform, refresh_token, None).await?;
    }
    Ok(())
}

/// The app as it is now, authorised or not.
async fn view(store: &dyn Store, app_id: &str) -> anyhow::Result<AppView> {
    let directory = store.directory().await?;
    let app = directory.apps.get(app_id).with_context(|| unknown(app_id))?;
    Ok(AppView::of(app, &directory))
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
