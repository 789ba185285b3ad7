//! The decision where it counts: on the addresses about to be dialled.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use reqwest::dns::{Addrs, Name, Resolve, Resolving};

use crate::{AllowList, Lookup};

/// A resolver that drops every answer that must not be dialled. The connector dials what is left
/// and nothing else, so a name that changes its answer between two look-ups gains nothing.
pub(crate) struct FilteringResolver {
    pub(crate) allow: Arc<AllowList>,
    pub(crate) lookup: Arc<dyn Lookup>,
}

/// A resolver for endpoints that the operator listed by host and port: drops nothing.
pub(crate) struct TrustingResolver(pub(crate) Arc<dyn Lookup>);

/// All answers were dropped.
#[derive(Clone, Copy, Debug, thiserror::Error)]
#[error("none of the name's addresses is public")]
pub(crate) struct ForbiddenAnswers;

impl Resolve for FilteringResolver {
    fn resolve(&self, name: Name) -> Resolving {
        let (allow, lookup) = (Arc::clone(&self.allow), Arc::clone(&self.lookup));
        Box::pin(async move {
            let mut found = lookup.lookup(name.as_str()).await?;
            let any = !found.is_empty();
            found.retain(|address| allow.admits_address(*address));
            if any && found.is_empty() { Err(ForbiddenAnswers.into()) } else { Ok(portless(found)) }
        })
    }
}

impl Resolve for TrustingResolver {
    fn resolve(&self, name: Name) -> Resolving {
        let lookup = Arc::clone(&self.0);
        Box::pin(async move { Ok(portless(lookup.lookup(name.as_str()).await?)) })
    }
}

/// Port 0 stands for the URL's.
fn portless(addresses: Vec<IpAddr>) -> Addrs {
    Box::new(addresses.into_iter().map(|address| SocketAddr::new(address, 0)))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use std::io;

    use async_trait::async_trait;

    use super::*;

    struct Answer(&'static [&'static str]);

    #[async_trait]
    impl Lookup for Answer {
        async fn lookup(&self, _name: &str) -> io::Result<Vec<IpAddr>> {
            Ok(self.0.iter().map(|address| address.parse().unwrap()).collect())
        }
    }

    async fn dialled(allow: &str, answer: &'static [&'static str]) -> Result<Vec<String>, String> {
        let resolver =
            FilteringResolver { allow: Arc::new(allow.parse().unwrap()), lookup: Arc::new(Answer(answer)) };
        match resolver.resolve("name".parse().unwrap()).await {
            Ok(found) => Ok(found.map(|address| address.ip().to_string()).collect()),
            Err(error) => Err(error.to_string()),
        }
    }

    #[tokio::test]
    async fn of_mixed_answers_only_the_admitted_are_dialled_in_their_order() {
        let answers =
            &["10.0.0.1", "8.8.8.8", "::ffff:10.0.0.1", "64:ff9b::a00:1", "2606:4700:4700::1111", "::1"];
        assert_eq!(dialled("", answers).await.unwrap(), ["8.8.8.8", "2606:4700:4700::1111"]);
        assert_eq!(dialled("::1", answers).await.unwrap(), ["8.8.8.8", "2606:4700:4700::1111", "::1"]);
    }

    #[tokio::test]
    async fn when_no_answer_is_left_the_error_says_so() {
        assert_eq!(
            dialled("", &["127.0.0.1", "169.254.169.254"]).await.unwrap_err(),
            ForbiddenAnswers.to_string()
        );
    }
}
