//! Commits that verbs share: what costs most in a commit is the flush of the disk, whatever is in it.
//!
//! Whatever arrives while one transaction is under way shares the next. A verb that fails costs the others
//! nothing: each of them is then done alone.
//!
//! A thread does nothing else: among the tasks of the others' runtime each of a transaction's hand-overs to the
//! database's thread and back would wait for its turn, and under load that is most of a transaction's time.

use std::io;
use std::panic::AssertUnwindSafe;
use std::thread;

use async_trait::async_trait;
use futures_util::FutureExt as _;
use sqlx::sqlite::{SqliteConnection, SqlitePool};
use tokio::runtime;
use tokio::sync::{mpsc, oneshot};

use super::{begin, commit};
use crate::error::StoreError;

/// Verbs in one transaction at most: each kind of work comes in batches already, one of each kind at a time.
const SHARE: usize = 16;

/// What a verb does within a transaction.
#[async_trait]
pub(super) trait Write: Send + Sync + 'static {
    /// What comes of it.
    type Answer: Send + 'static;

    /// Does it. Asked again, alone, when the transaction failed that it shared.
    async fn write(&self, connection: &mut SqliteConnection) -> Result<Self::Answer, sqlx::Error>;
}

/// The way to the writer for the verbs of every job's life. Cheap to clone; its thread ends with the last clone.
#[derive(Clone, Debug)]
pub(super) struct Commits {
    verbs: mpsc::Sender<Box<dyn Verb>>,
}

impl Commits {
    /// # Errors
    /// When there cannot be another thread.
    pub(super) fn start(writer: SqlitePool) -> io::Result<Self> {
        let (verbs, arrived) = mpsc::channel(SHARE);
        let runtime = runtime::Builder::new_current_thread().enable_time().build()?;
        thread::Builder::new()
            .name("store-writer".into())
            .spawn(move || runtime.block_on(run(writer, arrived)))?;
        Ok(Self { verbs })
    }

    /// Does it durably, together with what else has arrived. Nothing is done for a caller that has gone before
    /// its turn.
    pub(super) async fn write<W: Write>(&self, write: W) -> Result<W::Answer, StoreError> {
        let (teller, answer) = oneshot::channel();
        let asked = Asked { write, done: None, teller };
        self.verbs
            .send(Box::new(asked))
            .await
            .map_err(|_ended| StoreError::of_connecting(sqlx::Error::PoolClosed))?;
        // Without an answer the transaction panicked: what it came to is not known.
        answer.await.unwrap_or_else(|_panicked| Err(unknown("the transaction was broken off")))
    }
}

/// A verb of any kind, from when it is asked for until its caller is told.
#[async_trait]
trait Verb: Send + std::fmt::Debug {
    fn is_wanted(&self) -> bool;
    async fn write(&mut self, connection: &mut SqliteConnection) -> Result<(), sqlx::Error>;
    fn tell(self: Box<Self>, committed: Result<(), StoreError>);
}

struct Asked<W: Write> {
    write: W,
    done: Option<W::Answer>,
    teller: oneshot::Sender<Result<W::Answer, StoreError>>,
}

#[async_trait]
impl<W: Write> Verb for Asked<W> {
    fn is_wanted(&self) -> bool {
        !self.teller.is_closed()
    }

    async fn write(&mut self, connection: &mut SqliteConnection) -> Result<(), sqlx::Error> {
        self.done = Some(self.write.write(connection).await?);
        Ok(())
    }

    fn tell(self: Box<Self>, committed: Result<(), StoreError>) {
        let Self { done, teller, .. } = *self;
        let answer = committed.and_then(|()| done.ok_or_else(|| unknown("nothing was written")));
        // Whoever has gone meanwhile does not need it.
        drop(teller.send(answer));
    }
}

impl<W: Write> std::fmt::Debug for Asked<W> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Asked").finish_non_exhaustive()
    }
}

type Arrived = mpsc::Receiver<Box<dyn Verb>>;

async fn run(writer: SqlitePool, mut arrived: Arrived) {
    let mut verbs = Vec::new();
    while arrived.recv_many(&mut verbs, SHARE).await > 0 {
        let first = std::mem::take(&mut verbs);
        // A panic costs its transaction, whose callers hear that their answer is unknown, and no other.
        drop(AssertUnwindSafe(perform(&writer, first, Some(&mut arrived))).catch_unwind().await);
    }
}

/// Performs these and what has arrived by the time that there can be written.
async fn perform(writer: &SqlitePool, mut verbs: Vec<Box<dyn Verb>>, arrived: Option<&mut Arrived>) {
    match together(writer, &mut verbs, arrived).await {
        Ok(()) => {
            for verb in verbs {
                verb.tell(Ok(()));
            }
        }
        Err(StoreError::Refused(_)) if verbs.len() > 1 => {
            for verb in verbs {
                Box::pin(perform(writer, vec![verb], None)).await;
            }
        }
        Err(error) => {
            let one = verbs.pop();
            for other in verbs {
                other.tell(Err(alike(&error)));
            }
            if let Some(one) = one {
                one.tell(Err(error));
            }
        }
    }
}

/// All of them in one transaction, or none; without those whose callers have gone.
async fn together(
    writer: &SqlitePool,
    verbs: &mut Vec<Box<dyn Verb>>,
    arrived: Option<&mut Arrived>,
) -> Result<(), StoreError> {
    let mut transaction = begin(writer).await?;
    if let Some(arrived) = arrived {
        while verbs.len() < SHARE
            && let Some(Some(verb)) = arrived.recv().now_or_never()
        {
            verbs.push(verb);
        }
    }
    verbs.retain(|verb| verb.is_wanted());
    for verb in verbs {
        verb.write(&mut transaction).await.map_err(StoreError::of_statement)?;
    }
    commit(transaction).await
}

/// The same for one of several, since an error cannot be copied.
fn alike(error: &StoreError) -> StoreError {
    let why = std::error::Error::source(error).map_or_else(|| error.to_string(), ToString::to_string);
    let source = sqlx::Error::Io(io::Error::other(why));
    match error {
        StoreError::OutcomeUnknown(_) => StoreError::OutcomeUnknown(source),
        StoreError::Refused(_) => StoreError::Refused(source),
        _ => StoreError::Unavailable(source),
    }
}

fn unknown(why: &str) -> StoreError {
    StoreError::OutcomeUnknown(sqlx::Error::Io(io::Error::other(why.to_owned())))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use std::path::{Path, PathBuf};
    use std::time::Duration;

    use futures_util::future::join_all;
    use sqlx::Connection as _;
    use tokio::time::timeout;

    use super::super::pool;
    use super::*;

    /// Writes a note, and tells how many somebody else can see.
    #[derive(Clone)]
    struct Note {
        text: &'static str,
        file: PathBuf,
    }

    #[async_trait]
    impl Write for Note {
        type Answer = i64;

        async fn write(&self, connection: &mut SqliteConnection) -> Result<i64, sqlx::Error> {
            assert_ne!(self.text, "a bug");
            sqlx::query("INSERT INTO notes VALUES ($1)").bind(self.text).execute(connection).await?;
            visible(&self.file).await
        }
    }

    async fn visible(file: &Path) -> Result<i64, sqlx::Error> {
        let mut other = SqliteConnection::connect(&format!("sqlite://{}", file.display())).await?;
        sqlx::query_scalar("SELECT count(*) FROM notes").fetch_one(&mut other).await
    }

    struct Book {
        folder: tempfile::TempDir,
        writer: SqlitePool,
        commits: Commits,
    }

    impl Book {
        async fn open() -> Self {
            let folder = tempfile::tempdir().unwrap();
            let writer = pool(&folder.path().join("notes.db"), 1).await.unwrap();
            sqlx::query("CREATE TABLE notes (note TEXT CHECK (note <> 'refused'))")
                .execute(&writer)
                .await
                .unwrap();
            Self { folder, commits: Commits::start(writer.clone()).unwrap(), writer }
        }

        fn file(&self) -> PathBuf {
            self.folder.path().join("notes.db")
        }

        /// Asks for all of these while nothing can be written, and tells what came of each.
        async fn write(&self, texts: &[&'static str]) -> Vec<Result<i64, StoreError>> {
            let held = self.writer.acquire().await.unwrap();
            let asked =
                join_all(texts.iter().map(|text| self.commits.write(Note { text, file: self.file() })));
            let release = async {
                // All of them have been asked for when they let others go on.
                tokio::task::yield_now().await;
                drop(held);
            };
            tokio::join!(asked, release).0
        }
    }

    #[tokio::test]
    async fn what_arrives_together_is_committed_together() {
        let book = Book::open().await;
        let seen: Vec<i64> =
            book.write(&["one", "two", "three"]).await.into_iter().map(Result::unwrap).collect();
        assert_eq!(seen, [0, 0, 0], "none was committed before all were written");
        assert_eq!(visible(&book.file()).await.unwrap(), 3);
    }

    #[tokio::test]
    async fn one_that_is_refused_costs_the_others_nothing() {
        let book = Book::open().await;
        let written = book.write(&["one", "refused", "three"]).await;
        assert!(matches!(written[..], [Ok(_), Err(StoreError::Refused(_)), Ok(_)]), "{written:?}");
        assert_eq!(visible(&book.file()).await.unwrap(), 2);
    }

    #[tokio::test]
    async fn one_that_panics_leaves_what_shared_with_it_unknown_and_the_next_is_written() {
        let book = Book::open().await;
        let broken = book.write(&["one", "a bug"]).await;
        assert!(broken.iter().all(|it| it.as_ref().is_err_and(StoreError::is_unknown)), "{broken:?}");
        assert_eq!(book.write(&["two"]).await.len(), 1);
        assert_eq!(visible(&book.file()).await.unwrap(), 1);
    }

    #[tokio::test]
    async fn nothing_is_written_for_those_who_have_gone() {
        let book = Book::open().await;
        let held = book.writer.acquire().await.unwrap();
        for text in ["one", "two"] {
            let asked = book.commits.write(Note { text, file: book.file() });
            assert!(timeout(Duration::from_millis(10), asked).await.is_err(), "nothing can be written now");
        }
        drop(held);
        book.commits.write(Note { text: "three", file: book.file() }).await.unwrap();
        assert_eq!(visible(&book.file()).await.unwrap(), 1);
    }
}
