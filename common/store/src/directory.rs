//! Apps, clients, switches and gates, kept in memory by every process and reloaded within a second
//! of a change.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::{Instant, MissedTickBehavior};

use crate::error::StoreError;
use crate::model::operate::{App, Client, GateView};
use crate::model::platform::Component;
use crate::store::Store;

/// How often a process looks for changes. Two looks fit into the two seconds within which a change
/// has to take effect everywhere.
const LOOK_EVERY: Duration = Duration::from_millis(800);

/// One state of affairs, never changed once made.
#[derive(Clone, Debug, Default)]
pub struct Directory {
    /// Grows with every change.
    pub revision: i64,
    /// By `app_id`.
    pub apps: HashMap<String, Arc<App>>,
    /// Third-party platforms, by their appid.
    pub components: HashMap<String, Arc<Component>>,
    /// By `client_code`.
    pub clients: HashMap<String, Arc<Client>>,
    /// Interfaces switched off.
    pub switched_off: HashSet<String>,
    /// Closed gates.
    pub gates: Vec<GateView>,
}

impl Directory {
    /// The gate that holds back jobs of this app and kind, if one is closed: the app's own first.
    #[must_use]
    pub fn gate(&self, app: &str, kind: &str) -> Option<&GateView> {
        let closed = |wanted: &str| self.gates.iter().find(|gate| gate.app_id == app && gate.kind == wanted);
        closed("").or_else(|| closed(kind))
    }
}

/// A process' copy of the directory. Cheap to clone and to read.
#[derive(Clone, Debug)]
pub struct DirectoryWatch {
    current: watch::Receiver<Arc<Directory>>,
    /// When the store was last asked with success.
    fresh_at: Arc<Mutex<Instant>>,
}

impl DirectoryWatch {
    /// Loads the directory and keeps it fresh until the last copy of the watch is dropped.
    ///
    /// # Errors
    /// When the first load fails; later failures keep the last known state.
    pub async fn start(store: Arc<dyn Store>) -> Result<Self, StoreError> {
        let (sender, current) = watch::channel(Arc::new(store.directory().await?));
        let fresh_at = Arc::new(Mutex::new(Instant::now()));
        tokio::spawn(keep_fresh(store, sender, Arc::clone(&fresh_at)));
        Ok(Self { current, fresh_at })
    }

    /// A watch over a fixed state, for tools and tests.
    #[must_use]
    pub fn fixed(directory: Directory) -> Self {
        Self {
            current: watch::channel(Arc::new(directory)).1,
            fresh_at: Arc::new(Mutex::new(Instant::now())),
        }
    }

    /// The state as known now.
    #[must_use]
    pub fn now(&self) -> Arc<Directory> {
        Arc::clone(&self.current.borrow())
    }

    /// How long ago the store last said what the state is.
    #[must_use]
    pub fn age(&self) -> Duration {
        self.fresh_at.lock().unwrap_or_else(PoisonError::into_inner).elapsed()
    }

    /// Waits until the state has changed since the last call. Waits for ever when it cannot change
    /// any more.
    pub async fn changed(&mut self) {
        if self.current.changed().await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}

async fn keep_fresh(
    store: Arc<dyn Store>,
    sender: watch::Sender<Arc<Directory>>,
    fresh_at: Arc<Mutex<Instant>>,
) {
    let mut ticks = tokio::time::interval(LOOK_EVERY);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            _ = ticks.tick() => {}
            () = sender.closed() => return,
        }
        let known = sender.borrow().revision;
        match reload(store.as_ref(), known).await {
            Ok(changed) => {
                *fresh_at.lock().unwrap_or_else(PoisonError::into_inner) = Instant::now();
                if let Some(directory) = changed {
                    drop(sender.send(Arc::new(directory)));
                }
            }
            Err(error) => {
                tracing::warn!(error = &error as &dyn std::error::Error, "directory.reload_failed");
            }
        }
    }
}

async fn reload(store: &dyn Store, known: i64) -> Result<Option<Directory>, StoreError> {
    if store.revision().await? == known {
        return Ok(None);
    }
    store.directory().await.map(Some)
}
