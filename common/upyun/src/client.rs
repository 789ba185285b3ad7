//! The client itself.

use std::fmt;

use reqwest::Client;

use crate::account::below;
use crate::{Account, Bases, ObjectPath};

/// The client of one bucket. Cheap to clone; its connections are shared.
#[derive(Clone)]
pub struct Upyun {
    http: Client,
    bases: Bases,
    account: Account,
}

impl Upyun {
    /// A client that reaches Upyun at `bases` as `account`.
    ///
    /// `http` must follow no redirects and have a time limit for connecting that is shorter than
    /// callers' deadlines: only a connection that failed, not one that never came about, tells
    /// that nothing was sent.
    #[must_use]
    pub fn new(http: Client, bases: Bases, account: Account) -> Self {
        Self { http, bases, account }
    }

    /// Where everybody can fetch the file.
    #[must_use]
    pub fn public_url(&self, path: &ObjectPath) -> String {
        below(&self.bases.public, &path.escaped())
    }

    /// Who we are, to verify by what Upyun posts: [`crate::notify::verify`].
    #[must_use]
    pub fn account(&self) -> &Account {
        &self.account
    }

    pub(crate) fn http(&self) -> &Client {
        &self.http
    }

    pub(crate) fn bases(&self) -> &Bases {
        &self.bases
    }
}

impl fmt::Debug for Upyun {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Upyun")
            .field("bases", &self.bases)
            .field("account", &self.account)
            .finish_non_exhaustive()
    }
}
