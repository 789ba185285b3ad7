//! A gateway and its surroundings, ready to be measured, and the waiting for what is under way.

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Result, bail};
use tokio::task::JoinSet;
use tokio::time::sleep;

use crate::credentials::Credentials;
use crate::gateway::Gateway;
use crate::ledger::{Answer, Ledger};
use crate::load::Load;
use crate::pairing::Pairing;
use crate::phases::Plan;
use crate::request::Caller;
use crate::sender::Sender;
use crate::servers::Servers;
use crate::world::World;

/// New apps and clients take effect within 2 s; a broker may take longer to answer at first.
const READY_WITHIN: Duration = Duration::from_secs(20);
/// Without a callback for this long, those that are missing count as lost. A repeated callback or a
/// job of a killed worker comes sooner.
const SILENCE: Duration = Duration::from_secs(30);
/// How often the ledger is looked at while waiting.
const LOOK: Duration = Duration::from_millis(20);

/// One pairing under measurement. What it started ends with it.
#[derive(Debug)]
pub struct Run {
    /// The gateway's processes.
    pub gateway: Gateway,
    /// What sends to it.
    pub load: Load,
    /// Where everything is noted.
    pub ledger: Arc<Ledger>,
    /// The servers beside the gateway, where it has some.
    pub servers: Servers,
    /// Whether the worker is a process of its own.
    pub has_worker: bool,
    known: Credentials,
    // The surroundings live as long as this does.
    _world: JoinSet<()>,
}

impl Run {
    /// Starts the surroundings and a gateway.
    ///
    /// # Errors
    /// When the gateway does not start.
    pub async fn prepare(binary: &Path, pairing: &Pairing, plan: &Plan) -> Result<Self> {
        let ledger = Arc::new(Ledger::default());
        let known = Credentials::generate();
        let world = World {
            ledger: Arc::clone(&ledger),
            callback_secret: known.callback_secret.clone(),
            wechat_delay: plan.wechat_delay,
        };
        let (address, tasks) = world.start().await?;
        let gateway = Gateway::start(binary, pairing, address, &known).await?;
        let caller = Arc::new(Caller {
            intake: gateway.intake.clone(),
            receiver: address.to_string(),
            app_id: known.app_id.clone(),
            client_code: known.client_code.clone(),
            client_secret: known.client_secret.clone(),
            send_at: None,
        });
        let load = Load { caller, ledger: Arc::clone(&ledger), connections: plan.connections };
        let has_worker = pairing.roles().contains(&"worker");
        let servers = if has_worker { Servers::from_environment()? } else { Servers::default() };
        Ok(Self { gateway, load, ledger, servers, has_worker, known, _world: tasks })
    }

    /// Adds one more app, and a client whose requests go over as many connections: the load on it.
    ///
    /// # Errors
    /// When the gateway cannot be told, or takes no request of the client's in time.
    pub async fn another_app(&self) -> Result<Load> {
        let known = self.known.another();
        self.gateway.add(&known).await?;
        let caller = Caller {
            app_id: known.app_id,
            client_code: known.client_code,
            ..Caller::clone(&self.load.caller)
        };
        let load = Load { caller: Arc::new(caller), ..self.load.clone() };
        self.ready_for(&load).await?;
        Ok(load)
    }

    /// Sends requests until one is accepted, and waits for its callback.
    ///
    /// # Errors
    /// When none is accepted in time, or it is not called back.
    pub async fn wait_until_ready(&self) -> Result<()> {
        self.ready().await?;
        self.settle().await;
        if self.ledger.open() > 0 {
            bail!("a first request was accepted, but not called back within {SILENCE:?}");
        }
        Ok(())
    }

    /// Sends requests until one is accepted, and waits for the callback of that one.
    ///
    /// # Errors
    /// When none is accepted in time, or it is not called back.
    pub async fn ready(&self) -> Result<()> {
        self.ready_for(&self.load).await
    }

    async fn ready_for(&self, load: &Load) -> Result<()> {
        let deadline = Instant::now() + READY_WITHIN;
        let mut sender = Sender::new(Arc::clone(&load.caller), Arc::clone(&self.ledger));
        loop {
            let number = self.ledger.next_number();
            sender.send(self.ledger.begin(Instant::now())).await;
            match self.ledger.entries(number..number + 1).pop().map(|entry| entry.answer) {
                Some(Answer::Accepted { .. }) => return self.called_back(number).await,
                Some(Answer::Refused(reason)) if Instant::now() > deadline => {
                    bail!("no request is accepted: {reason}")
                }
                Some(Answer::None) | None => bail!("the intake does not answer"),
                Some(Answer::Refused(_)) => {}
            }
        }
    }

    async fn called_back(&self, number: usize) -> Result<()> {
        let asked = Instant::now();
        while self.ledger.entries(number..number + 1).iter().all(|entry| entry.called_back.is_none()) {
            if asked.elapsed() > SILENCE {
                bail!("a first request was accepted, but not called back within {SILENCE:?}");
            }
            sleep(LOOK).await;
        }
        Ok(())
    }

    /// Waits until everything accepted was called back, or nothing came for [`SILENCE`].
    pub async fn settle(&self) {
        let mut last = (self.ledger.callbacks(), Instant::now());
        while self.ledger.open() > 0 && last.1.elapsed() < SILENCE {
            sleep(LOOK).await;
            let callbacks = self.ledger.callbacks();
            if callbacks != last.0 {
                last = (callbacks, Instant::now());
            }
        }
    }
}
