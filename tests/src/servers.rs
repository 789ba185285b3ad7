//! The pairings, and the servers of the second one.

use std::process::Command;

use tokio::sync::{Mutex, MutexGuard};

/// Which store and which queue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pairing {
    /// SQLite and the embedded queue: one process.
    Embedded,
    /// PostgreSQL and RabbitMQ: intake and worker apart.
    Servers,
}

/// The test servers, for one scenario at a time: scenarios stop and wipe them.
#[derive(Debug)]
pub struct Servers {
    /// A role that may create databases.
    pub postgres: String,
    /// The broker.
    pub amqp: String,
    _turn: MutexGuard<'static, ()>,
}

static TURN: Mutex<()> = Mutex::const_new(());

impl Servers {
    /// Waits for this scenario's turn.
    pub async fn take() -> Self {
        let turn = TURN.lock().await;
        Self {
            postgres: variable("WXGATE_TEST_POSTGRES_URL"),
            amqp: variable("WXGATE_TEST_AMQP_URL"),
            _turn: turn,
        }
    }

    /// `start`, `stop`, `kill`, `wipe`, `pause`, `resume`, `alarm` or `calm` the broker.
    pub async fn broker(&self, verb: &'static str) {
        control("WXGATE_TEST_RABBITMQ_CTL", verb).await;
    }

    /// `start`, `stop`, `kill`, `pause` or `resume` the database server.
    pub async fn database(&self, verb: &'static str) {
        control("WXGATE_TEST_POSTGRES_CTL", verb).await;
    }
}

async fn control(program: &str, verb: &'static str) {
    let program = variable(program);
    let run = move || Command::new(program).arg(verb).status();
    let status = tokio::task::spawn_blocking(run).await.unwrap().unwrap();
    assert!(status.success(), "'{verb}' of a test server failed");
}

fn variable(name: &str) -> String {
    std::env::var(name).unwrap_or_else(|_| panic!("{name} is not set: run the tests through scripts/test"))
}
