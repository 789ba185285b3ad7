//! Where media are kept and converted, by the settings: at Upyun, or on this machine.

use std::env;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use wxgate_egress::{Guard, GuardedClient, upstream_client};
use wxgate_media::storage::folder;
use wxgate_media::{Bucket, Ffmpeg, Folder, LocalConverter, MediaStore, UpyunConverter, VoiceConverter};
use wxgate_settings::{Settings, UpyunAccount};
use wxgate_upyun::{Account, Bases, Upyun};
use wxgate_wechat::WeChat;
use wxgate_worker::media::Media;

use crate::wechat::CONNECT;

/// A temporary file that nobody has written to for so long has no owner: no attempt takes that long.
const LEFT_OVER: Duration = Duration::from_hours(1);

/// Where Upyun posts the end of a conversion, below the public address.
pub(super) const NOTIFY_PATH: &str = "/upyun/notify";

/// What a worker needs for media. Makes the folders that are missing.
pub(super) fn media(settings: &Settings, wechat: &Arc<WeChat>, guard: Arc<Guard>) -> anyhow::Result<Media> {
    let data = settings.pairing.data_dir();
    let public = settings.public_url.as_str().trim_end_matches('/');
    let here = Folder::create(&data, public)
        .with_context(|| format!("the folders for media in {} cannot be made", data.display()))?;
    let tmp = folder::tmp_in(&data);
    tokio::spawn(sweep(tmp.clone()));
    let (store, voices) = match upyun(settings)? {
        Some(upyun) => at_upyun(upyun, public),
        None => on_this_machine(here, &tmp),
    };
    let videos = GuardedClient::new(guard).context("TLS cannot be set up")?;
    Ok(Media { wechat: Arc::clone(wechat), videos, tmp, store, voices })
}

/// Where media go, and who makes MP3s.
type Places = (Arc<dyn MediaStore>, Arc<dyn VoiceConverter>);

fn at_upyun(upyun: Upyun, public: &str) -> Places {
    let notify_url = format!("{public}{NOTIFY_PATH}");
    (Arc::new(Bucket::new(upyun.clone())), Arc::new(UpyunConverter::new(upyun, notify_url)))
}

fn on_this_machine(folder: Folder, tmp: &Path) -> Places {
    let ffmpeg = env::var_os("PATH").and_then(|path| Ffmpeg::find(&path));
    let store: Arc<dyn MediaStore> = Arc::new(folder);
    (Arc::clone(&store), Arc::new(LocalConverter::new(ffmpeg, store, tmp)))
}

/// Removes what workers that were killed left behind, now and then.
async fn sweep(tmp: PathBuf) {
    let mut ticks = tokio::time::interval(LEFT_OVER);
    loop {
        ticks.tick().await;
        sweep_once(&tmp).await;
    }
}

async fn sweep_once(tmp: &Path) {
    match wxgate_media::sweep(tmp, LEFT_OVER).await {
        Ok(0) => {}
        Ok(files) => tracing::info!(files, "media.left_over_files_removed"),
        Err(error) => tracing::warn!(error = &error as &dyn std::error::Error, "media.not_swept"),
    }
}

/// Where the intake finds media kept on this machine.
pub(super) fn folder(settings: &Settings) -> PathBuf {
    folder::media_in(&settings.pairing.data_dir())
}

/// Who we are at Upyun, if anybody.
pub(super) fn account(settings: &Settings) -> Option<Account> {
    settings.upyun.account.as_ref().map(|given| Account {
        bucket: given.bucket.clone(),
        operator: given.operator.clone(),
        password: given.password.clone(),
    })
}

/// The client of Upyun, if it is set up.
pub(crate) fn upyun(settings: &Settings) -> anyhow::Result<Option<Upyun>> {
    let Some((account, given)) = account(settings).zip(settings.upyun.account.as_ref()) else {
        return Ok(None);
    };
    let http = upstream_client(CONNECT).context("TLS cannot be set up")?;
    Ok(Some(Upyun::new(http, bases(settings, given)?, account)))
}

fn bases(settings: &Settings, account: &UpyunAccount) -> anyhow::Result<Bases> {
    let parse = |base: &wxgate_settings::BaseUrl| {
        base.as_str().parse().context("an address of Upyun's cannot be used")
    };
    let upyun = &settings.upyun;
    Ok(Bases { api: parse(&upyun.api)?, process: parse(&upyun.process)?, public: parse(&account.public)? })
}
