//! Wires a gateway, whole or half, from its settings, and takes it down again.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use prometheus::Registry;
use tokio_util::sync::CancellationToken;
use wxgate_api::Language;
use wxgate_api::operator::{self, Operator};
use wxgate_egress::{Guard, GuardedClient};
use wxgate_queue::rabbit::{self, Broker, RabbitBell};
use wxgate_queue::{Bell, Listener, embedded};
use wxgate_settings::{Lang, Pairing, Role, Settings};
use wxgate_store::intake::Intake;
use wxgate_store::{DirectoryWatch, Store};
use wxgate_wechat::WeChat;
use wxgate_worker::{Worker, apps, handlers};

use super::media;
use crate::wechat;

/// How long requests under way, and after them attempts, may take when the process is asked to end.
/// Longer than any attempt; both together stay below the 45 s that docker-compose.yml allows.
const GRACE: Duration = Duration::from_secs(20);

/// Doorbells between intake and worker of one process: far more than are ever on their way.
const DOORBELLS: usize = 4096;

/// A part of the gateway that can run by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Half {
    /// Takes requests.
    Intake,
    /// Does the jobs.
    Worker,
}

/// A running gateway, or half of one.
pub(super) struct Gateway {
    api: Option<wxgate_api::Running>,
    operator: Option<wxgate_api::Listener>,
    worker: Option<Worker>,
    bell: Option<Arc<dyn Bell>>,
    has_console: bool,
    /// Ends the doorbells and what runs beside.
    end: CancellationToken,
}

/// The two ends of the queue, as far as this process has them.
struct Queue {
    bell: Option<Arc<dyn Bell>>,
    listener: Option<Listener>,
}

impl Gateway {
    /// Starts the halves; when this returns they are at work.
    pub(super) async fn start(
        settings: &Settings,
        store: Arc<dyn Store>,
        halves: &[Half],
    ) -> anyhow::Result<Self> {
        let end = CancellationToken::new();
        let directory = DirectoryWatch::start(Arc::clone(&store)).await?;
        let Queue { bell, listener } = queue(settings, halves, &end)?;
        let guard = Arc::new(Guard::new(settings.callback_allow.clone()));
        let metrics = Registry::new();
        let takes_requests = halves.contains(&Half::Intake);
        let role = if takes_requests { Role::Intake } else { Role::Worker };
        let admin_listen = settings.admin_address(role);
        let wechat = start_wechat(settings, &store, &directory, &end)?;
        let hears = listener.as_ref().map(Listener::status);
        let worker = match listener {
            Some(listener) => {
                let (directory, guard) = (directory.clone(), Arc::clone(&guard));
                Some(start_worker(settings, &store, directory, listener, guard, &wechat, &metrics).await?)
            }
            None => None,
        };
        let starter = worker.as_ref().filter(|_| !settings.pairing.has_servers()).map(Worker::starter);
        let has_console = settings.admin_token.is_some();
        let mut gateway = Self { api: None, operator: None, worker, bell: bell.clone(), has_console, end };
        if let Some(bell) = bell {
            let lanes = if settings.pairing.has_servers() { 2 } else { 1 };
            let parts = wxgate_api::Parts {
                listen: settings.listen,
                admin_listen,
                admin_token: settings.admin_token.clone(),
                intake: Intake::start(Arc::clone(&store), lanes, starter),
                store,
                directory,
                bell,
                listener: hears,
                guard,
                wechat,
                public_url: settings
                    .public_url
                    .as_str()
                    .parse()
                    .context("WXGATE_PUBLIC_URL cannot be used")?,
                sync_wait: settings.sync_wait,
                media_folder: media::folder(settings),
                upyun: media::account(settings),
                language: settings.lang.map(language),
                metrics,
            };
            gateway.api = Some(wxgate_api::start(parts)?);
        } else if let Some(listen) = admin_listen {
            let operator = Operator { store, directory, wechat, bell, listener: hears, metrics };
            gateway.operator = Some(operator::start(listen, operator)?);
        }
        gateway.announce(settings, halves);
        Ok(gateway)
    }

    /// Where callers reach it, if it takes requests.
    pub(super) fn public_address(&self) -> Option<SocketAddr> {
        self.api.as_ref().map(wxgate_api::Running::public_addr)
    }

    /// Where the console is, if it is open.
    pub(super) fn console(&self) -> Option<String> {
        let admin = self.api.as_ref().filter(|_| self.has_console)?.admin_addr()?;
        Some(format!("http://{admin}/console"))
    }

    /// Takes nothing new, lets what is under way finish, leaves the rest to others.
    pub(super) async fn stop(self) {
        if let Some(api) = self.api {
            api.stop(GRACE).await;
        }
        if let Some(bell) = self.bell {
            bell.close().await;
        }
        if let Some(worker) = self.worker {
            worker.stop(GRACE).await;
        }
        if let Some(operator) = self.operator {
            operator.stop(Duration::ZERO).await;
        }
        self.end.cancel();
    }

    fn announce(&self, settings: &Settings, halves: &[Half]) {
        let admin = self.api.as_ref().and_then(wxgate_api::Running::admin_addr);
        let admin = admin.or_else(|| self.operator.as_ref().map(wxgate_api::Listener::address));
        let test_tool = self.api.is_some().then(|| settings.public_url.join(wxgate_api::TEST_TOOL));
        tracing::info!(
            version = env!("CARGO_PKG_VERSION"),
            listen = self.public_address().map(tracing::field::display),
            admin_listen = admin.map(tracing::field::display),
            console = self.console(),
            test_tool,
            worker = halves.contains(&Half::Worker),
            "gateway.started"
        );
    }
}

fn queue(settings: &Settings, halves: &[Half], end: &CancellationToken) -> anyhow::Result<Queue> {
    let (rings, works) = (halves.contains(&Half::Intake), halves.contains(&Half::Worker));
    match &settings.pairing {
        Pairing::Embedded { .. } => {
            let (bell, listener) = embedded::pair(DOORBELLS, end);
            let bell: Option<Arc<dyn Bell>> = if rings { Some(Arc::new(bell)) } else { None };
            Ok(Queue { bell, listener: works.then_some(listener) })
        }
        Pairing::Servers { amqp, .. } => {
            let broker =
                Broker::new(amqp.expose(), &handlers::KINDS).context("WXGATE_AMQP_URL cannot be used")?;
            let listener = works.then(|| rabbit::listen(broker.clone(), prefetch(settings.concurrency), end));
            let bell: Option<Arc<dyn Bell>> =
                if rings { Some(Arc::new(RabbitBell::start(broker))) } else { None };
            Ok(Queue { bell, listener })
        }
    }
}

/// As many doorbells under way as there are slots: what has none is acknowledged at once anyway.
fn prefetch(concurrency: u32) -> u16 {
    u16::try_from(concurrency).unwrap_or(u16::MAX)
}

/// The client, which hears at once of apps that were mended.
fn language(lang: Lang) -> Language {
    match lang {
        Lang::Zh => Language::Chinese,
        Lang::En => Language::English,
    }
}

fn start_wechat(
    settings: &Settings,
    store: &Arc<dyn Store>,
    directory: &DirectoryWatch,
    end: &CancellationToken,
) -> anyhow::Result<Arc<WeChat>> {
    let wechat = Arc::new(wechat::client(settings, store, directory.clone())?);
    let forget = apps::forget_failures_on_change(directory.clone(), Arc::clone(&wechat));
    let end = end.clone();
    tokio::spawn(async move { end.run_until_cancelled(forget).await });
    Ok(wechat)
}

async fn start_worker(
    settings: &Settings,
    store: &Arc<dyn Store>,
    directory: DirectoryWatch,
    listener: Listener,
    guard: Arc<Guard>,
    wechat: &Arc<WeChat>,
    metrics: &Registry,
) -> anyhow::Result<Worker> {
    let media = Arc::new(media::media(settings, wechat, Arc::clone(&guard))?);
    let parts = wxgate_worker::Parts {
        store: Arc::clone(store),
        directory,
        listener,
        handlers: handlers::all(wechat, &media),
        callback_client: GuardedClient::new(guard).context("TLS cannot be set up")?,
        concurrency: settings.concurrency as usize,
        retention: settings.retention,
        name: format!("pid {}", std::process::id()),
        metrics: metrics.clone(),
    };
    Ok(Worker::start(parts).await?)
}
