//! Which store goes with which queue.

use std::path::{Path, PathBuf};

use crate::ServerUrl;
use crate::reader::Reader;

/// The two ways to run. They behave the same to every caller; a mixture is refused.
#[derive(Clone, Debug)]
pub enum Pairing {
    /// SQLite and the queue inside the process: one machine, no server.
    Embedded {
        /// The database file.
        path: PathBuf,
    },
    /// Postgres and RabbitMQ: any number of machines.
    Servers {
        /// The database.
        postgres: ServerUrl,
        /// The broker.
        amqp: ServerUrl,
    },
}

/// What `WXGATE_DATABASE_URL` names.
enum Database {
    Sqlite(PathBuf),
    Postgres(ServerUrl),
}

impl Pairing {
    /// Whether it runs on servers, and so in any number of processes.
    #[must_use]
    pub const fn has_servers(&self) -> bool {
        matches!(self, Self::Servers { .. })
    }

    /// The folder for what a process keeps beside the database: that of the SQLite file, `data` in
    /// the working directory with Postgres.
    #[must_use]
    pub fn data_dir(&self) -> PathBuf {
        match self {
            Self::Embedded { path } => match path.parent() {
                Some(parent) if parent != Path::new("") => parent.to_owned(),
                _ => PathBuf::from("."),
            },
            Self::Servers { .. } => PathBuf::from("data"),
        }
    }

    pub(crate) fn read(reader: &mut Reader) -> Option<Self> {
        let database = reader.with_default("WXGATE_DATABASE_URL", Database::parse);
        let amqp_given = reader.is_given("WXGATE_AMQP_URL");
        let amqp = reader.optional("WXGATE_AMQP_URL", |text| ServerUrl::parse(text, &["amqp", "amqps"]));
        match (database?, amqp) {
            (Database::Sqlite(path), _) if !amqp_given => Some(Self::Embedded { path }),
            (Database::Postgres(postgres), Some(amqp)) => Some(Self::Servers { postgres, amqp }),
            (Database::Sqlite(_), _) => reader.problem(SQLITE_WITH_AMQP),
            (Database::Postgres(_), None) if !amqp_given => reader.problem(POSTGRES_WITHOUT_AMQP),
            // Already told that the broker's URL is unusable.
            (Database::Postgres(_), None) => None,
        }
    }
}

const SQLITE_WITH_AMQP: &str = "WXGATE_AMQP_URL must not be given with SQLite, whose queue is embedded: leave it out, or \
                                set WXGATE_DATABASE_URL to a postgres:// URL";
const POSTGRES_WITHOUT_AMQP: &str = "WXGATE_AMQP_URL must be given with Postgres, which goes with RabbitMQ: set it to an \
                                     amqp:// URL, or leave WXGATE_DATABASE_URL out";

impl Database {
    fn parse(text: &str) -> Result<Self, String> {
        match text.strip_prefix("sqlite://") {
            Some(path) => sqlite_path(path).map(Self::Sqlite),
            None if text.starts_with("postgres") => {
                ServerUrl::parse(text, &["postgres", "postgresql"]).map(Self::Postgres)
            }
            None => Err("must begin with sqlite:// or postgres://".to_owned()),
        }
    }
}

/// A file that keeps what it is given: no memory database, no options that would weaken it.
fn sqlite_path(path: &str) -> Result<PathBuf, String> {
    if path.is_empty() || path.ends_with('/') || path.contains(['?', '#']) || path == ":memory:" {
        Err("must name a file, as in sqlite://data/wxgate.db, without options".to_owned())
    } else {
        Ok(PathBuf::from(path))
    }
}
