//! A verified request, as a handler gets it.

use std::sync::Arc;

use bytes::Bytes;
use wxgate_job::{Kind, Lane};
use wxgate_signing::{Authcode, Form, content_digest, fingerprint};
use wxgate_store::model::intake::ReplayKey;
use wxgate_store::model::operate::{App, Client};

use crate::Interface;
use crate::gateway::Gateway;

/// A request whose every general check has passed: the caller is who it says, may call this interface,
/// and has an app to act for. Its values are still as sent.
#[derive(Debug)]
pub struct Call<'a> {
    pub(crate) interface: &'static Interface,
    pub(crate) form: Form<'a>,
    /// As it came: neither its size nor its content is checked.
    pub(crate) file: Option<Bytes>,
    pub(crate) authcode: Authcode,
    pub(crate) client: Arc<Client>,
    pub(crate) app: Arc<App>,
    pub(crate) gateway: &'a Gateway,
}

impl Call<'_> {
    /// The value of a parameter that was sent and is not blank.
    pub(crate) fn given(&self, name: &str) -> Option<&str> {
        self.form.get(name).filter(|value| !value.trim().is_empty())
    }

    /// The value of a required parameter, which is there.
    pub(crate) fn required(&self, name: &str) -> &str {
        self.form.get(name).unwrap_or_default()
    }

    /// What makes a repeat of this request recognisable.
    pub(crate) fn replay_key(&self) -> ReplayKey {
        ReplayKey { client: self.client.code.clone(), authcode: self.authcode.as_bytes().to_vec() }
    }

    /// Equal for the same request only.
    pub(crate) fn fingerprint(&self) -> [u8; 16] {
        fingerprint(self.interface.name, self.form.pairs())
    }

    /// Equal for the same request made at another time, too.
    pub(crate) fn content_digest(&self) -> [u8; 16] {
        content_digest(self.interface.name, self.form.pairs())
    }

    /// Where a job of this request queues.
    pub(crate) fn lane(&self) -> Lane {
        Lane {
            client: self.client.code.clone(),
            app: self.app.app_id.clone(),
            kind: Kind::named(self.interface.name),
        }
    }
}
