//! `wxgate client …`: those who call the gateway.

mod change;
mod rotate;
mod view;

use anyhow::{Context as _, bail};
use clap::{Args, Subcommand};
use wxgate_settings::Settings;
use wxgate_store::clock::now_ms;
use wxgate_store::model::operate::Client;
use wxgate_store::{Directory, Store};

use self::change::{AddArgs, Made, SetArgs};
use self::rotate::RotateArgs;
use self::view::{Changed, ClientList};
use crate::output::Output;
use crate::{fields, open};

/// `wxgate client …`.
#[derive(Debug, Subcommand)]
pub(crate) enum ClientCommand {
    /// Add a client; secrets that are not given are made and shown once.
    #[command(after_help = fields::SECRETS_HELP)]
    Add(AddArgs),
    /// List all clients.
    List,
    /// Change a client.
    #[command(after_help = fields::SECRETS_HELP)]
    Set(SetArgs),
    /// Replace a secret; the former one counts on for a while.
    #[command(after_help = fields::SECRETS_HELP)]
    Rotate(RotateArgs),
    /// Remove a client; its jobs stay and end as usual.
    Remove(RemoveArgs),
}

/// Which client to remove.
#[derive(Args, Debug)]
pub(crate) struct RemoveArgs {
    /// The client's code.
    #[arg(long, value_name = "C", value_parser = fields::name)]
    code: String,
}

/// Runs the command.
pub(crate) async fn run(settings: &Settings, command: ClientCommand, output: Output) -> anyhow::Result<()> {
    let store = open::for_operator(settings).await?;
    match command {
        ClientCommand::Add(args) => add(store.as_ref(), args, output).await,
        ClientCommand::List => output.show(&ClientList::of(&store.directory().await?)),
        ClientCommand::Set(args) => set(store.as_ref(), args, output).await,
        ClientCommand::Rotate(args) => rotate(store.as_ref(), args, output).await,
        ClientCommand::Remove(args) => remove(store.as_ref(), &args.code, output).await,
    }
}

async fn add(store: &dyn Store, args: AddArgs, output: Output) -> anyhow::Result<()> {
    let (client, made) = args.into_client()?;
    let directory = store.directory().await?;
    if directory.clients.contains_key(&client.code) {
        bail!("there is a client {0} already: change it with 'wxgate client set --code {0}'", client.code);
    }
    check_app(&directory, &client)?;
    store.put_client(&client).await?;
    output.show(&Changed::new("added", &client, &made))
}

async fn set(store: &dyn Store, args: SetArgs, output: Output) -> anyhow::Result<()> {
    let directory = store.directory().await?;
    let before = directory.clients.get(args.code()).with_context(|| unknown(args.code()))?;
    let client = args.changed(before)?;
    // A client whose app was removed can still be closed.
    if client.app_id != before.app_id {
        check_app(&directory, &client)?;
    }
    store.put_client(&client).await?;
    output.show(&Changed::new("changed", &client, &Made::default()))
}

async fn rotate(store: &dyn Store, args: RotateArgs, output: Output) -> anyhow::Result<()> {
    let directory = store.directory().await?;
    let before = directory.clients.get(args.code()).with_context(|| unknown(args.code()))?;
    let (client, made) = args.rotated(before, now_ms())?;
    store.put_client(&client).await?;
    output.show(&Changed::new("rotated a secret of", &client, &made))
}

async fn remove(store: &dyn Store, code: &str, output: Output) -> anyhow::Result<()> {
    let directory = store.directory().await?;
    let client = directory.clients.get(code).with_context(|| unknown(code))?;
    store.remove_client(code).await?;
    output.show(&Changed::new("removed", client, &Made::default()))
}

fn check_app(directory: &Directory, client: &Client) -> anyhow::Result<()> {
    match &client.app_id {
        Some(app_id) if !directory.apps.contains_key(app_id) => {
            bail!("there is no app {app_id}: 'wxgate app list' lists them, 'wxgate app add' adds one")
        }
        _ => Ok(()),
    }
}

/// What to tell about a client that is not there.
pub(crate) fn unknown(code: &str) -> String {
    format!("there is no client {code}: 'wxgate client list' lists them, 'wxgate client add' adds one")
}
