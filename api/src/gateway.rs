//! What all requests of one listener share.

use std::fmt;
use std::future::Future;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use tokio::runtime::Handle;
use tracing::Instrument as _;
use wxgate_egress::{Guard, GuardedClient};
use wxgate_queue::Bell;
use wxgate_store::intake::Intake;
use wxgate_store::{Counts, DirectoryWatch, Store, StoreError};
use wxgate_upyun::Account;
use wxgate_wechat::WeChat;

use crate::Refusal;
use crate::language::Usual;
use crate::room::Room;
use crate::waiting::WaitingRoom;

/// The parts that requests need.
pub(crate) struct Gateway {
    pub(crate) store: Arc<dyn Store>,
    pub(crate) intake: Intake,
    pub(crate) directory: DirectoryWatch,
    pub(crate) bell: Arc<dyn Bell>,
    pub(crate) guard: Arc<Guard>,
    /// Fetches what callers give by address.
    pub(crate) fetcher: GuardedClient,
    pub(crate) waiting_room: WaitingRoom,
    /// For bodies.
    pub(crate) room: Room,
    pub(crate) wechat: Arc<WeChat>,
    /// How the outside reaches us; without a slash at the end.
    pub(crate) public_url: Arc<str>,
    /// How long a call waits for the job behind it.
    pub(crate) sync_wait: Duration,
    /// Where media kept on this machine are.
    pub(crate) media_folder: PathBuf,
    /// Who we are at Upyun: its posts are verified by that. Without it there are none.
    pub(crate) upyun: Option<Account>,
    /// For whoever asks for none.
    pub(crate) language: Usual,
    /// For charts.
    pub(crate) counts: Counts,
    pub(crate) home: Handle,
}

impl Gateway {
    /// Asks the store, from the runtime that the store lives on: a connection opened on a thread of
    /// the HTTP server would die with that thread, under whoever uses it then. A request that is
    /// given up meanwhile leaves the work to finish.
    pub(crate) async fn ask_store<T, W, F>(&self, ask: F) -> Result<Result<T, StoreError>, Refusal>
    where
        T: Send + 'static,
        W: Future<Output = Result<T, StoreError>> + Send + 'static,
        F: FnOnce(Arc<dyn Store>) -> W,
    {
        self.at_home(ask(Arc::clone(&self.store))).await
    }

    /// Asks WeChat, from the runtime that its connections live on, for the same reason. A request that
    /// is given up meanwhile leaves the call to finish.
    pub(crate) async fn ask_wechat<T, W, F>(&self, ask: F) -> Result<T, Refusal>
    where
        T: Send + 'static,
        W: Future<Output = T> + Send + 'static,
        F: FnOnce(Arc<WeChat>) -> W,
    {
        self.at_home(ask(Arc::clone(&self.wechat))).await
    }

    /// Does work on the runtime that connections live on. A request that is given up meanwhile leaves it
    /// to finish.
    pub(crate) async fn at_home<T: Send + 'static>(
        &self,
        work: impl Future<Output = T> + Send + 'static,
    ) -> Result<T, Refusal> {
        self.home.spawn(work.in_current_span()).await.map_err(Refusal::internal)
    }
}

impl fmt::Debug for Gateway {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Gateway")
    }
}
