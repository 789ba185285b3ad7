//! Shares out look-ups, so that names which take long hold up none of those that are found as usual.

use std::collections::HashSet;
use std::io;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use tokio::sync::Semaphore;
use tokio::time::Instant;

use crate::Lookup;

/// Look-ups under way at once, of names that were found quickly when last looked for and of all others. Each
/// blocks a thread for as long as the system's resolver takes, and tokio has 512 of them for everything.
const OF_KNOWN: usize = 64;
const OF_OTHERS: usize = 64;

/// What is found within this is found quickly.
const QUICKLY: Duration = Duration::from_secs(1);

/// Names that are remembered; beyond that all are forgotten, and become known again as they are found.
const MOST: usize = 10_000;

/// Another look-up, with a bound on how many are under way.
pub(crate) struct FairLookup<L> {
    inner: Arc<L>,
    known: Arc<Known>,
    of_known: Arc<Semaphore>,
    of_others: Arc<Semaphore>,
}

/// The names that were found quickly.
#[derive(Default)]
struct Known(Mutex<HashSet<String>>);

impl<L> FairLookup<L> {
    pub(crate) fn new(inner: L) -> Self {
        let places = |most| Arc::new(Semaphore::new(most));
        Self {
            inner: Arc::new(inner),
            known: Arc::default(),
            of_known: places(OF_KNOWN),
            of_others: places(OF_OTHERS),
        }
    }
}

#[async_trait]
impl<L: Lookup> Lookup for FairLookup<L> {
    async fn lookup(&self, name: &str) -> io::Result<Vec<IpAddr>> {
        let places = if self.known.lock().contains(name) { &self.of_known } else { &self.of_others };
        let place = Arc::clone(places).acquire_owned().await.map_err(io::Error::other)?;
        let (inner, known, name) = (Arc::clone(&self.inner), Arc::clone(&self.known), name.to_owned());
        // A task of its own, since the look-up goes on even when the caller gives up.
        let looking = tokio::spawn(async move {
            let (_place, began) = (place, Instant::now());
            let found = inner.lookup(&name).await;
            known.note(name, found.is_ok() && began.elapsed() < QUICKLY);
            found
        });
        looking.await.map_err(io::Error::other)?
    }
}

impl Known {
    fn note(&self, name: String, quickly: bool) {
        let mut known = self.lock();
        if !quickly {
            known.remove(&name);
        } else if !known.contains(&name) {
            if known.len() >= MOST {
                known.clear();
            }
            known.insert(name);
        }
    }

    fn lock(&self) -> MutexGuard<'_, HashSet<String>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use std::net::Ipv4Addr;

    use tokio::time::{sleep, timeout};

    use super::*;

    /// Takes an hour for what begins with `slow`, no time for the rest.
    struct Resolver;

    #[async_trait]
    impl Lookup for Resolver {
        async fn lookup(&self, name: &str) -> io::Result<Vec<IpAddr>> {
            if name.starts_with("slow") {
                sleep(Duration::from_hours(1)).await;
            }
            Ok(vec![Ipv4Addr::LOCALHOST.into()])
        }
    }

    #[tokio::test(start_paused = true)]
    async fn any_number_of_slow_names_hold_up_no_name_that_was_found_before() {
        let lookup = FairLookup::new(Resolver);
        lookup.lookup("shop.example").await.unwrap();
        for number in 0..1_000 {
            let name = format!("slow-{number}.example");
            timeout(Duration::from_millis(1), lookup.lookup(&name)).await.unwrap_err();
        }

        let found = timeout(Duration::from_millis(1), lookup.lookup("shop.example")).await.unwrap();
        assert_eq!(found.unwrap(), [Ipv4Addr::LOCALHOST]);
        assert!(timeout(Duration::from_millis(1), lookup.lookup("new.example")).await.is_err());
    }

    #[tokio::test(start_paused = true)]
    async fn a_name_that_is_slow_is_known_no_more() {
        let lookup = FairLookup::new(Resolver);
        lookup.known.note("slow.example".to_owned(), true);
        lookup.lookup("slow.example").await.unwrap();
        assert!(!lookup.known.lock().contains("slow.example"));
    }

    #[test]
    fn the_memory_for_names_has_a_bound() {
        let known = Known::default();
        for number in 0..=MOST {
            known.note(number.to_string(), true);
        }
        assert_eq!(known.lock().len(), 1);
    }
}
