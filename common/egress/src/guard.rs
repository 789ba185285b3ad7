//! May this URL be called? Asked when it is taken in, and again when it is called.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::timeout;
use url::{Host, Url};

use crate::fair::FairLookup;
use crate::filter::{FilteringResolver, TrustingResolver};
use crate::target::{self, Refusal};
use crate::vetted::{Finding, Vetted};
use crate::{AllowList, Lookup, SystemLookup};

/// The longest an intake waits for a name server: more would be felt by the caller, and the
/// decision falls again when the URL is called.
const VETTING: Duration = Duration::from_millis(300);

/// Decides which URLs may be called: those whose address is public, and what the operator listed.
pub struct Guard {
    allow: Arc<AllowList>,
    lookup: Arc<dyn Lookup>,
    vetted: Vetted,
}

/// What is known of a URL when it is taken in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Vetting {
    /// It leads to an address that may be dialled, as far as can be told now.
    Passed,
    /// Its name could not be looked up in time. Take it: the decision falls when it is called.
    Undecided,
    /// It cannot be called.
    Refused(Refusal),
}

/// How a URL that was not refused is called.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Route {
    /// Its host and port are listed: whatever address they have.
    Listed,
    /// Its host is an address, and admitted: no name is looked up.
    Literal,
    /// Its host is a name, whose addresses are filtered when they are dialled.
    Named,
}

impl Guard {
    /// A guard that asks the system's resolver.
    #[must_use]
    pub fn new(allow: AllowList) -> Self {
        Self::with_lookup(allow, Arc::new(FairLookup::new(SystemLookup)))
    }

    /// A guard that asks another resolver.
    #[must_use]
    pub fn with_lookup(allow: AllowList, lookup: Arc<dyn Lookup>) -> Self {
        Self { allow: Arc::new(allow), lookup, vetted: Vetted::default() }
    }

    /// Judges a URL at intake. Addresses are decided at once; a name is looked up for at most
    /// 300 ms, the finding kept for 60 s and shared by all who ask. A name is refused when all it
    /// leads to is forbidden. Passing promises nothing: the name may change.
    pub async fn vet(&self, url: &str) -> Vetting {
        let (url, route) = match self.check(url) {
            Ok(checked) => checked,
            Err(refusal) => return Vetting::Refused(refusal),
        };
        match (route, url.host_str()) {
            (Route::Named, Some(name)) => self.vet_name(name).await,
            _ => Vetting::Passed,
        }
    }

    async fn vet_name(&self, name: &str) -> Vetting {
        match self.vetted.get_or(name, self.find(name)).await {
            Finding::Admitted => Vetting::Passed,
            Finding::Forbidden => Vetting::Refused(Refusal::Forbidden),
            Finding::Unknown => Vetting::Undecided,
        }
    }

    async fn find(&self, name: &str) -> Finding {
        match timeout(VETTING, self.lookup.lookup(name)).await {
            Ok(Ok(found)) if found.iter().any(|address| self.allow.admits_address(*address)) => {
                Finding::Admitted
            }
            Ok(Ok(found)) if !found.is_empty() => Finding::Forbidden,
            _ => Finding::Unknown,
        }
    }

    /// What can be decided without a look-up.
    pub(crate) fn check(&self, url: &str) -> Result<(Url, Route), Refusal> {
        let url = target::read(url)?;
        let route = self.route(&url).ok_or(Refusal::Forbidden)?;
        Ok((url, route))
    }

    /// The connector dials an address in the URL without asking any resolver, so it is decided
    /// here, on the host as the URL parser (and so the connector) understands it.
    fn route(&self, url: &Url) -> Option<Route> {
        if self.allow.admits_endpoint(url) {
            return Some(Route::Listed);
        }
        let address = match url.host()? {
            Host::Domain(_) => return Some(Route::Named),
            Host::Ipv4(address) => address.into(),
            Host::Ipv6(address) => address.into(),
        };
        self.allow.admits_address(address).then_some(Route::Literal)
    }

    pub(crate) fn filtering_resolver(&self) -> FilteringResolver {
        FilteringResolver { allow: Arc::clone(&self.allow), lookup: Arc::clone(&self.lookup) }
    }

    pub(crate) fn trusting_resolver(&self) -> TrustingResolver {
        TrustingResolver(Arc::clone(&self.lookup))
    }
}
