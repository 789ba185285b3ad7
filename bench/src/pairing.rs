//! The two ways a gateway keeps its jobs, each with its processes and settings.

use anyhow::{Context, Result};

/// The environment's names for private servers, which `scripts/servers` sets.
const POSTGRES_URL: &str = "WXGATE_TEST_POSTGRES_URL";
const AMQP_URL: &str = "WXGATE_TEST_AMQP_URL";
/// The same in every run, so that a second one can read the database of the first. It protects nothing
/// but made-up secrets.
const SECRET_KEY: &str = "6265636865626563686562656368656265636865626563686562656368656265";

/// What a gateway is measured on.
#[derive(Clone, Debug)]
pub enum Pairing {
    /// `wxgate serve` on its embedded store and queue.
    Embedded,
    /// `wxgate api` and `wxgate worker` on Postgres and RabbitMQ.
    Servers {
        /// A database of its own.
        postgres: String,
        /// A broker of its own.
        amqp: String,
    },
}

impl Pairing {
    /// Postgres and RabbitMQ as named in the environment.
    ///
    /// # Errors
    /// When it names none.
    pub fn servers_from_environment() -> Result<Self> {
        let read = |name| {
            std::env::var(name)
                .with_context(|| format!("{name} is not set: run this under 'scripts/servers run --'"))
        };
        Ok(Self::Servers { postgres: read(POSTGRES_URL)?, amqp: read(AMQP_URL)? })
    }

    /// What people call it.
    #[must_use]
    pub fn title(&self) -> &'static str {
        match self {
            Self::Embedded => "embedded",
            Self::Servers { .. } => "Postgres + RabbitMQ",
        }
    }

    /// The commands whose processes make up the gateway; the first listens.
    #[must_use]
    pub fn roles(&self) -> &'static [&'static str] {
        match self {
            Self::Embedded => &["serve"],
            Self::Servers { .. } => &["api", "worker"],
        }
    }

    /// Whether the schema has to be brought up to date before anything starts.
    #[must_use]
    pub fn needs_migration(&self) -> bool {
        matches!(self, Self::Servers { .. })
    }

    /// The settings that choose it.
    #[must_use]
    pub fn settings(&self) -> Vec<(&'static str, String)> {
        match self {
            Self::Embedded => Vec::new(),
            Self::Servers { postgres, amqp } => vec![
                ("WXGATE_DATABASE_URL", postgres.clone()),
                ("WXGATE_AMQP_URL", amqp.clone()),
                ("WXGATE_SECRET_KEY", SECRET_KEY.into()),
            ],
        }
    }
}
