//! Who takes part in a run, and the lines between them.

use std::fmt;

use wxgate_tests::Pairing;

/// Intake processes, and worker processes, of the pairing that has several.
const OF_EACH: u8 = 2;
/// Receivers of callbacks, each an endpoint of its own.
pub const RECEIVERS: u8 = 3;

/// One who can fail.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Party {
    /// Those who send requests.
    Callers,
    /// `wxgate serve`: the whole gateway.
    Serve,
    /// One of `wxgate api`, from 1.
    Api(u8),
    /// One of `wxgate worker`, from 1.
    Worker(u8),
    /// The database server.
    Postgres,
    /// The broker.
    RabbitMq,
    /// The simulated WeChat.
    WeChat,
    /// One of those who get callbacks, from 1.
    Receiver(u8),
}

/// A line on which one party calls another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Line {
    /// Who connects.
    pub from: Party,
    /// Who listens.
    pub to: Party,
}

impl Party {
    /// The processes of the gateway.
    #[must_use]
    pub fn processes(pairing: Pairing) -> Vec<Self> {
        match pairing {
            Pairing::Embedded => vec![Self::Serve],
            Pairing::Servers => (1..=OF_EACH).map(Self::Api).chain((1..=OF_EACH).map(Self::Worker)).collect(),
        }
    }

    /// The command that a process of the gateway runs; none: it is another's.
    #[must_use]
    pub fn command(self) -> Option<&'static str> {
        match self {
            Self::Serve => Some("serve"),
            Self::Api(_) => Some("api"),
            Self::Worker(_) => Some("worker"),
            _ => None,
        }
    }

    /// What it is counted as.
    #[must_use]
    pub fn sort(self) -> String {
        self.command().map_or_else(|| self.to_string(), ToOwned::to_owned)
    }

    /// Whether it takes requests.
    #[must_use]
    pub fn is_intake(self) -> bool {
        matches!(self, Self::Serve | Self::Api(_))
    }

    /// Whether it does jobs.
    #[must_use]
    pub fn is_worker(self) -> bool {
        matches!(self, Self::Serve | Self::Worker(_))
    }

    /// The workers that can take over from this one, itself included.
    #[must_use]
    pub fn fellows(worker: Self) -> Vec<Self> {
        let pairing = if worker == Self::Serve { Pairing::Embedded } else { Pairing::Servers };
        Self::processes(pairing).into_iter().filter(|process| process.is_worker()).collect()
    }

    /// All receivers.
    pub fn receivers() -> impl Iterator<Item = Self> {
        (1..=RECEIVERS).map(Self::Receiver)
    }
}

impl Line {
    /// All lines of a pairing. Every party that one process calls has a line to it of its own.
    #[must_use]
    pub fn all(pairing: Pairing) -> Vec<Self> {
        Party::processes(pairing).into_iter().flat_map(|process| Self::of(process, pairing)).collect()
    }

    fn of(process: Party, pairing: Pairing) -> Vec<Self> {
        let mut lines = Vec::new();
        if process.is_intake() {
            lines.push(Self { from: Party::Callers, to: process });
        }
        if pairing == Pairing::Servers {
            lines.extend([Party::Postgres, Party::RabbitMq].map(|to| Self { from: process, to }));
        }
        if process.is_worker() {
            lines.push(Self { from: process, to: Party::WeChat });
        }
        // Callback addresses are the callers' choice, the same for all workers.
        if matches!(process, Party::Serve | Party::Worker(1)) {
            lines.extend(Party::receivers().map(|to| Self { from: Party::Callers, to }));
        }
        lines
    }
}

impl fmt::Display for Party {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Callers => f.write_str("callers"),
            Self::Serve => f.write_str("serve"),
            Self::Api(number) => write!(f, "api {number}"),
            Self::Worker(number) => write!(f, "worker {number}"),
            Self::Postgres => f.write_str("PostgreSQL"),
            Self::RabbitMq => f.write_str("RabbitMQ"),
            Self::WeChat => f.write_str("WeChat"),
            Self::Receiver(number) => write!(f, "receiver {number}"),
        }
    }
}

impl fmt::Display for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.from, self.to) {
            (Party::Callers, Party::Receiver(_)) => write!(f, "workers – {}", self.to),
            _ => write!(f, "{} – {}", self.from, self.to),
        }
    }
}
