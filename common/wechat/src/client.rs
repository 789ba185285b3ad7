//! The client itself.

use std::fmt;
use std::sync::Arc;

use reqwest::Client;
use wxgate_token::{Keeper, Limits, TokenStore};

use crate::bases::{Bases, Endpoints};
use crate::call::Http;
use crate::calls::{CallCount, Calls};
use crate::credentials::Credentials;
use crate::directory::AppDirectory;

/// The client of WeChat's server interfaces for all apps. One for each process: it holds the
/// process's tokens and connections. Its calls are in the modules named after what they do, such
/// as [`crate::template`].
pub struct WeChat {
    http: Http,
    bases: Bases,
    endpoints: Endpoints,
    apps: Arc<dyn AppDirectory>,
    tokens: Arc<Keeper<Credentials>>,
}

impl WeChat {
    /// A client that reaches WeChat at `bases` and shares tokens with other processes through
    /// `store`.
    ///
    /// `http` must follow no redirects and have a time limit for connecting that is shorter than
    /// callers' deadlines: only a connection that failed, not one that never came about, tells
    /// that nothing was sent.
    #[must_use]
    pub fn new(
        http: Client,
        bases: Bases,
        apps: Arc<dyn AppDirectory>,
        store: Arc<dyn TokenStore>,
        limits: Limits,
    ) -> Self {
        let (endpoints, http) = (Endpoints::of(&bases), Http { client: http, calls: Calls::default() });
        // The keeper's source asks the keeper: some tokens are fetched with others.
        let tokens = Arc::new_cyclic(|tokens| {
            let source = Credentials::new(http.clone(), endpoints.clone(), Arc::clone(&apps), tokens.clone());
            Keeper::new(store, source, limits)
        });
        Self { http, bases, endpoints, apps, tokens }
    }

    /// The keeper of this process's tokens.
    #[must_use]
    pub fn tokens(&self) -> &Keeper<Credentials> {
        &self.tokens
    }

    /// Where WeChat is reached, for the addresses that browsers are sent to.
    #[must_use]
    pub fn bases(&self) -> &Bases {
        &self.bases
    }

    /// What became of calls so far, of those that were made at all.
    #[must_use]
    pub fn calls(&self) -> Vec<CallCount> {
        self.http.calls.counted()
    }

    pub(crate) fn apps(&self) -> &dyn AppDirectory {
        &*self.apps
    }

    pub(crate) fn http(&self) -> &Http {
        &self.http
    }

    pub(crate) fn endpoints(&self) -> &Endpoints {
        &self.endpoints
    }
}

impl fmt::Debug for WeChat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WeChat").field("bases", &self.bases).finish_non_exhaustive()
    }
}
