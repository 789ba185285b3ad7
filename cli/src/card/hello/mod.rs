//! `wxgate card hello`: the six steps of WeChat's first card, each told as it is done.
//!
//! [`walk`] has the steps, [`notes`] what is remembered so that a walk goes on from where it stopped, [`trial`]
//! the walk without options, against the sandbox.

mod notes;
mod picture;
mod trial;
mod walk;

use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use clap::Args;
use wxgate_settings::Settings;
use wxgate_store::DirectoryWatch;
use wxgate_wechat::CardDraft;
use wxgate_wechat::card::with_logo;

use self::notes::{Done, Notes};
use self::walk::{Baggage, Walk};
use super::expect_usable;
use crate::output::Output;
use crate::{fields, open, wechat};

/// Testers of one app, by WeChat's document.
const MOST_TESTERS: usize = 10;

/// What to walk with.
#[derive(Args, Debug)]
pub(crate) struct HelloArgs {
    /// The app whose card it will be; without it a simulated WeChat is used, and a sample card.
    #[arg(long, value_name = "A", value_parser = fields::name, requires_all = ["logo", "card"])]
    app_id: Option<String>,
    /// The logo: JPG or PNG, at most 1 MB, best 300 by 300.
    #[arg(long, value_name = "FILE", requires = "app_id")]
    logo: Option<PathBuf>,
    /// The card as WeChat's card/create takes it (JSON); its `logo_url` is put in.
    #[arg(long, value_name = "FILE", requires = "app_id")]
    card: Option<PathBuf>,
    /// Openids of testers: all of them each time, since the list replaces the one before.
    #[arg(long = "tester", value_name = "OPENID", num_args = 1.., requires = "app_id")]
    testers: Vec<String>,
    /// WeChat names of testers; ten testers in all.
    #[arg(long = "tester-username", value_name = "NAME", num_args = 1.., requires = "app_id")]
    usernames: Vec<String>,
    /// The code that the QR code hands out, for a card with codes of your own that are not deposited.
    #[arg(long, value_name = "CODE", requires = "app_id")]
    code: Option<String>,
    /// Where the picture of the QR code is saved.
    #[arg(long, value_name = "FILE", default_value = "card-hello.jpg")]
    picture: PathBuf,
    /// Where it is noted how far the walk came; the same command goes on from there.
    #[arg(long, value_name = "FILE", default_value = "card-hello.json", requires = "app_id")]
    notes: PathBuf,
    /// Begin anew, whatever is noted.
    #[arg(long, requires = "app_id")]
    anew: bool,
}

/// Runs the command.
pub(super) async fn run(settings: &Settings, args: HelloArgs, output: Output) -> anyhow::Result<()> {
    let (Some(app_id), Some(logo), Some(card)) = (&args.app_id, &args.logo, &args.card) else {
        return trial::run(&args.picture, output).await;
    };
    if args.testers.len() + args.usernames.len() > MOST_TESTERS {
        bail!("WeChat takes {MOST_TESTERS} testers at most, openids and names together: name fewer");
    }
    let logo = tokio::fs::read(logo).await.with_context(|| cannot_be_read(logo))?;
    let card = read_card(card).await?;
    let notes = Notes::open(&args.notes, Done::nothing(app_id, &logo, card.as_bytes()), args.anew)?;
    let store = open::for_operator(settings).await?;
    let directory = store.directory().await?;
    expect_usable(&directory, app_id)?;
    let baggage = Baggage {
        app_id: app_id.clone(),
        logo: logo.into(),
        card,
        testers: args.testers,
        usernames: args.usernames,
        code: args.code,
        picture: args.picture,
    };
    let wechat = wechat::client(settings, &store, DirectoryWatch::fixed(directory))?;
    Walk { wechat: &wechat, baggage: &baggage, notes, output }.walk().await.map(drop)
}

/// A card that WeChat would not certainly refuse. Its logo is still to come.
async fn read_card(file: &Path) -> anyhow::Result<String> {
    let card = tokio::fs::read_to_string(file).await.with_context(|| cannot_be_read(file))?;
    let card = card.strip_prefix('\u{feff}').unwrap_or(&card).to_owned();
    let flaw = with_logo(&card, "the logo").and_then(|card| CardDraft::read(&card).map(drop));
    flaw.with_context(|| format!("correct the card in {}", file.display()))?;
    Ok(card)
}

fn cannot_be_read(file: &Path) -> String {
    format!("{} cannot be read", file.display())
}
