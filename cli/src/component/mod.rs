//! `wxgate component …`: third-party platforms, which act for apps that have authorised them.

mod authorize;
mod change;
mod view;

use anyhow::{Context as _, bail};
use clap::{Args, Subcommand};
use serde::Serialize;
use wxgate_operate::app::AppError;
use wxgate_settings::Settings;
use wxgate_store::{Directory, Store};

use self::authorize::AuthorizeArgs;
pub(crate) use self::authorize::awaits_ticket;
use self::change::{AddArgs, SetArgs};
use self::view::{ComponentList, ComponentView};
use crate::output::{Output, Shown};
use crate::{fields, open};

/// `wxgate component …`.
#[derive(Debug, Subcommand)]
pub(crate) enum ComponentCommand {
    /// Add a platform.
    #[command(after_help = fields::SECRETS_HELP)]
    Add(AddArgs),
    /// List all platforms and the apps on them.
    List,
    /// Change a platform; also tries again at once what WeChat had refused its apps.
    #[command(after_help = fields::SECRETS_HELP)]
    Set(SetArgs),
    /// Remove a platform.
    Remove(RemoveArgs),
    /// Print the link by which an app's administrator authorises the platform.
    Authorize(AuthorizeArgs),
}

/// Which platform to remove.
#[derive(Args, Debug)]
pub(crate) struct RemoveArgs {
    /// The platform's id.
    #[arg(long, value_name = "P", value_parser = fields::name)]
    component_appid: String,
    /// Remove it although apps are on it; requests for them are refused from then on (114).
    #[arg(long)]
    yes: bool,
}

/// Runs the command.
pub(crate) async fn run(
    settings: &Settings,
    command: ComponentCommand,
    output: Output,
) -> anyhow::Result<()> {
    let store = open::for_operator(settings).await?;
    match command {
        ComponentCommand::Add(args) => add(store.as_ref(), args, output).await,
        ComponentCommand::List => output.show(&ComponentList::of(&store.directory().await?)),
        ComponentCommand::Set(args) => set(store.as_ref(), args, output).await,
        ComponentCommand::Remove(args) => remove(store.as_ref(), &args, output).await,
        ComponentCommand::Authorize(args) => authorize::run(settings, &store, args, output).await,
    }
}

async fn add(store: &dyn Store, args: AddArgs, output: Output) -> anyhow::Result<()> {
    let component = args.into_component()?;
    let directory = store.directory().await?;
    if directory.components.contains_key(&component.appid) {
        bail!(
            "there is a platform {0} already: change it with 'wxgate component set --component-appid {0}'",
            component.appid
        );
    }
    store.put_component(&component).await?;
    output.show(&Changed { done: "added", component: ComponentView::of(&component, &directory) })
}

async fn set(store: &dyn Store, args: SetArgs, output: Output) -> anyhow::Result<()> {
    let directory = store.directory().await?;
    let component =
        directory.components.get(args.appid()).with_context(|| unknown_component(args.appid()))?;
    let component = args.changed(component)?;
    store.put_component(&component).await?;
    // Whoever changes a platform expects its apps to be tried now, not at the next probe.
    let on_it = apps_on(&component.appid, &directory);
    for gate in directory.gates.iter().filter(|gate| on_it.contains(&gate.app_id.as_str())) {
        store.open_gate(&gate.app_id, &gate.kind).await?;
    }
    output.show(&Changed { done: "changed", component: ComponentView::of(&component, &directory) })
}

async fn remove(store: &dyn Store, args: &RemoveArgs, output: Output) -> anyhow::Result<()> {
    let appid = args.component_appid.as_str();
    let directory = store.directory().await?;
    let component = directory.components.get(appid).with_context(|| unknown_component(appid))?;
    let apps = apps_on(appid, &directory);
    if !apps.is_empty() && !args.yes {
        bail!(
            "apps are on platform {appid}, and requests for them would be refused from then on ({}): take them off \
             with 'wxgate app set --no-component', or say --yes",
            apps.join(", ")
        );
    }
    store.remove_component(appid).await?;
    output.show(&Changed { done: "removed", component: ComponentView::of(component, &directory) })
}

/// The apps on this platform, authorised or not, by id.
fn apps_on<'d>(appid: &str, directory: &'d Directory) -> Vec<&'d str> {
    let on_it = directory.apps.values().filter(|app| app.component_appid.as_deref() == Some(appid));
    let mut apps: Vec<&str> = on_it.map(|app| app.app_id.as_str()).collect();
    apps.sort_unstable();
    apps
}

/// What is said of a platform that is not there.
pub(crate) fn unknown_component(appid: &str) -> String {
    AppError::UnknownComponent(appid.to_owned()).to_string()
}

/// A platform after a change.
#[derive(Debug, Serialize)]
struct Changed {
    done: &'static str,
    component: ComponentView,
}

impl Shown for Changed {
    fn text(&self) -> String {
        format!("{} platform {}", self.done, self.component.component_appid)
    }
}
