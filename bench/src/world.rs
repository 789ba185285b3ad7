//! What surrounds a gateway, on one port of this machine: WeChat and the receiver of callbacks.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

use crate::http::Connection;
use crate::ledger::Ledger;
use crate::{callbacks, wechat};

/// How the surroundings behave.
#[derive(Clone, Debug)]
pub struct World {
    /// Where they note what reached them.
    pub ledger: Arc<Ledger>,
    /// What callbacks are signed with.
    pub callback_secret: String,
    /// How long WeChat takes to answer a message.
    pub wechat_delay: Duration,
}

impl World {
    /// Answers on a free port of 127.0.0.1 until the returned tasks are dropped.
    ///
    /// # Errors
    /// When no port can be had.
    pub async fn start(self) -> io::Result<(SocketAddr, JoinSet<()>)> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        let mut tasks = JoinSet::new();
        tasks.spawn(self.accept(listener));
        Ok((address, tasks))
    }

    /// Connections end with this task: it holds them.
    async fn accept(self, listener: TcpListener) {
        let mut connections = JoinSet::new();
        while let Ok((stream, _)) = listener.accept().await {
            let world = self.clone();
            // A broken connection is the gateway's affair: what it lost shows in the ledger.
            connections.spawn(async move { drop(world.serve(stream).await) });
            while connections.try_join_next().is_some() {}
        }
    }

    async fn serve(self, stream: TcpStream) -> io::Result<()> {
        let mut connection = Connection::new(stream)?;
        while let Some(request) = connection.read().await? {
            let target = request.second_word()?;
            if wechat::is_message(target) && !self.wechat_delay.is_zero() {
                tokio::time::sleep(self.wechat_delay).await;
            }
            let answer = if target.starts_with(wechat::PATH) {
                wechat::answer(target, &request, &self.ledger)
            } else {
                callbacks::answer(target, &request, &self.callback_secret, &self.ledger)
            };
            connection.write(&answer).await?;
        }
        Ok(())
    }
}
