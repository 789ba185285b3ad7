//! The store: every job's truth, and the keeper of what operators set.
//!
//! [`Store`] is the interface, one method for each business fact, each of them one transaction.
//! [`sqlite`] and [`postgres`] hold the SQL and nothing else: what follows an attempt is decided
//! elsewhere (`wxgate_job::decide`). Both pass the same conformance suite (`tests/conformance.rs`).
//! [`intake`] gathers concurrent requests into one commit.
//!
//! Times are Unix milliseconds by the store's own clock: the database server's, or for the
//! embedded store this machine's. Verbs that set a time in the future take it relative to now.

mod accepting;
pub mod clock;
mod counts;
pub mod directory;
mod directory_rows;
pub mod endpoint;
pub mod error;
pub mod group;
mod insight;
pub mod intake;
pub mod model;
mod once_row;
pub mod postgres;
mod receipt_rows;
mod resealing;
mod rows;
mod schema;
mod sealing;
mod search;
mod sharing;
mod springboard_rows;
pub mod sqlite;
mod store;
mod token_record;

pub use counts::Counts;
pub use directory::{Directory, DirectoryWatch};
pub use error::StoreError;
pub use schema::SchemaState;
pub use store::Store;
