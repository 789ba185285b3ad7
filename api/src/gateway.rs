//! What all requests of one listener share.

use std::fmt;
use std::future::Future;
use std::sync::Arc;

use tokio::runtime::Handle;
use wxgate_egress::Guard;
use wxgate_queue::Bell;
use wxgate_store::intake::Intake;
use wxgate_store::{DirectoryWatch, Store, StoreError};

use crate::Refusal;
use crate::waiting::WaitingRoom;

/// The parts that requests need.
pub(crate) struct Gateway {
    pub(crate) store: Arc<dyn Store>,
    pub(crate) intake: Intake,
    pub(crate) directory: DirectoryWatch,
    pub(crate) bell: Arc<dyn Bell>,
    pub(crate) guard: Arc<Guard>,
    pub(crate) waiting_room: WaitingRoom,
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
        self.home.spawn(ask(Arc::clone(&self.store))).await.map_err(Refusal::internal)
    }
}

impl fmt::Debug for Gateway {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Gateway")
    }
}
