//! One caller's connection: sends a request, reads its answer, enters it in the ledger.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use serde::Deserialize;
use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::http::{Connection, Message};
use crate::ledger::Ledger;
use crate::request::Caller;

/// Longer than the gateway takes to say that an outcome is unknown.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(30);
/// How often a request is repeated whose connection broke: as the interface tells callers to.
const REPEATS: u32 = 3;
/// A refused caller waits before the next request rather than spin.
const AFTER_REFUSAL: Duration = Duration::from_millis(50);

/// A kept-open connection to the intake.
#[derive(Debug)]
pub struct Sender {
    caller: Arc<Caller>,
    ledger: Arc<Ledger>,
    connection: Option<Connection>,
}

/// The envelope every answer has.
#[derive(Debug, Deserialize)]
struct Envelope {
    retcode: i64,
    data: serde_json::Value,
    #[serde(default)]
    msg: Option<String>,
}

impl Sender {
    /// A sender that connects when it has something to send.
    #[must_use]
    pub fn new(caller: Arc<Caller>, ledger: Arc<Ledger>) -> Self {
        Self { caller, ledger, connection: None }
    }

    /// Sends request `number` and enters what became of it. A request whose connection breaks is
    /// repeated unchanged, three times at most.
    pub async fn send(&mut self, number: u64) {
        let request = self.caller.request(number);
        for attempt in 0..=REPEATS {
            if attempt > 0 {
                self.ledger.retried();
            }
            match timeout(ANSWER_TIMEOUT, self.exchange(&request)).await {
                Ok(Ok(answer)) => return self.enter(number, &answer).await,
                Ok(Err(_)) | Err(_) => self.connection = None,
            }
        }
    }

    async fn exchange(&mut self, request: &[u8]) -> io::Result<Message> {
        if self.connection.is_none() {
            self.connection = Some(Connection::new(TcpStream::connect(&self.caller.intake).await?)?);
        }
        let connection = self.connection.as_mut().ok_or(io::ErrorKind::NotConnected)?;
        connection.write(request).await?;
        connection.read().await?.ok_or_else(|| io::ErrorKind::UnexpectedEof.into())
    }

    async fn enter(&self, number: u64, answer: &Message) {
        match read_answer(answer) {
            Ok(id) => self.ledger.accepted(number, id),
            Err(reason) => {
                self.ledger.refused(number, reason.to_string());
                tokio::time::sleep(AFTER_REFUSAL).await;
            }
        }
    }
}

/// The send ID in an answer that accepts.
///
/// # Errors
/// The gateway's reason when it refuses, or how its answer cannot be read.
fn read_answer(answer: &Message) -> anyhow::Result<u64> {
    let status = answer.second_word()?;
    let envelope: Envelope =
        serde_json::from_slice(&answer.body).with_context(|| format!("HTTP {status}, not JSON"))?;
    if envelope.retcode == 200 {
        return envelope.data.as_u64().context("accepted without a send ID");
    }
    anyhow::bail!("HTTP {status}, {} {}", envelope.retcode, envelope.msg.unwrap_or_default())
}
