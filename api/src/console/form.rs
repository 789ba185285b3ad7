//! What a browser's form brings.

use std::time::Duration;

use actix_web::HttpRequest;
use actix_web::web::Payload;
use url::form_urlencoded;
use wxgate_secret::Secret;

use super::trouble::Trouble;
use crate::body::{self, Bounds};
use crate::room::Room;

/// A page's worth of ticked boxes is a few KiB.
pub(super) const BOUNDS: Bounds = Bounds { limit: 64 << 10, within: Duration::from_secs(10) };

/// Fields by name; one name may come several times. What is in them is not shown by `Debug`: it may be a
/// secret.
pub(super) struct Form(Vec<(String, String)>);

impl Form {
    /// Reads the body.
    pub(super) async fn read(request: &HttpRequest, payload: Payload) -> Result<Self, Trouble> {
        let body = body::read(request, payload, BOUNDS, &mut Room::default().enter())
            .await
            .map_err(|_refusal| Trouble::Value("body"))?;
        let pairs = form_urlencoded::parse(&body).into_owned();
        // As in addresses (`Query::parse`).
        Ok(Self(pairs.map(|(name, value)| (name, value.replace('\0', "\u{fffd}"))).collect()))
    }

    /// The first of this name, without blanks around it; `None` when it is empty.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.all(name).map(str::trim).find(|value| !value.is_empty())
    }

    /// All of this name.
    pub(super) fn all<'f>(&'f self, name: &str) -> impl Iterator<Item = &'f str> {
        self.0.iter().filter(move |(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// A secret as it was typed, blanks around it included: whoever checks it says so.
    pub(super) fn secret(&self, name: &str) -> Option<Secret> {
        self.all(name).find(|value| !value.is_empty()).map(Secret::new)
    }

    /// A value that can be read as what it is to be.
    pub(super) fn parse<T: std::str::FromStr>(&self, name: &'static str) -> Result<Option<T>, Trouble> {
        self.get(name).map(|text| text.parse().map_err(|_| Trouble::Value(name))).transpose()
    }
}
