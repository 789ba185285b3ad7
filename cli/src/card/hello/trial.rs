//! The walk without options: the sample card, and a simulated WeChat in this process.

use std::net::SocketAddr;
use std::path::Path;

use anyhow::Context as _;
use wxgate_sandbox::{APP_ID, APP_SECRET, CardReceipt, NewMedia, Options, Sample, Sandbox};
use wxgate_secret::Secret;
use wxgate_settings::Settings;
use wxgate_store::DirectoryWatch;
use wxgate_store::model::operate::{App, TokenMode};

use super::notes::Notes;
use super::walk::{Baggage, Walk};
use crate::output::Output;
use crate::{open, wechat};

/// A group-buying coupon such as WeChat's document shows.
const CARD: &str = include_str!("sample.json");

const TESTER: &str = "oSandboxUser01";

/// Walks; the tester takes the card at the end.
pub(super) async fn run(picture: &Path, output: Output) -> anyhow::Result<()> {
    let any = SocketAddr::from(([127, 0, 0, 1], 0));
    let sandbox = Sandbox::start(Options { listen: any, ..Options::default() })?;
    let folder = tempfile::tempdir().context("no temporary folder can be made")?;
    let settings = own_settings(folder.path(), &sandbox.url())?;
    let store = open::up_to_date(&settings).await?;
    store.put_app(&app()).await?;
    let directory = DirectoryWatch::fixed(store.directory().await?);
    let wechat = wechat::client(&settings, &store, directory)?;
    output.say("Without --app-id, --logo and --card this is a simulated WeChat with a sample card.\n")?;
    let baggage = Baggage {
        app_id: APP_ID.to_owned(),
        logo: NewMedia::sample(Sample::Png).bytes,
        card: CARD.to_owned(),
        testers: vec![TESTER.to_owned()],
        usernames: Vec::new(),
        code: None,
        picture: picture.to_owned(),
    };
    let notes = Notes::default();
    let card_id = Walk { wechat: &wechat, baggage: &baggage, notes, output }.walk().await?;
    let receipt = CardReceipt { card_id, openid: Some(TESTER.to_owned()), ..CardReceipt::default() };
    let taken = sandbox.control().receive_card(&receipt)?;
    output.say(&format!(
        "\nThe simulated tester {TESTER} scanned it and has the card now, with code {}.",
        taken.code
    ))?;
    sandbox.stop().await.context("the sandbox did not end well")
}

/// A store of its own, the sandbox as WeChat. What the environment says is not meant for a trial.
fn own_settings(folder: &Path, wechat: &str) -> anyhow::Result<Settings> {
    let database = format!("sqlite://{}", folder.join("wxgate.db").display());
    let given = [
        ("WXGATE_DATABASE_URL", database.as_str()),
        ("WXGATE_WECHAT_API_BASE", wechat),
        ("WXGATE_WECHAT_MP_BASE", wechat),
        ("WXGATE_WECHAT_OPEN_BASE", wechat),
    ];
    let given = given.map(|(name, value)| (name.to_owned(), value.to_owned()));
    Ok(Settings::load(given, None)?)
}

fn app() -> App {
    App {
        app_id: APP_ID.to_owned(),
        enabled: true,
        secret: Some(Secret::new(APP_SECRET)),
        token: TokenMode::Normal,
        event_token: None,
        aes_key: None,
        component_appid: None,
        authorised: false,
        safe_push_only: false,
        rate: None,
        concurrency: None,
    }
}
