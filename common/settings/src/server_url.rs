//! The address of a database or broker, password included.

use std::fmt;

use url::Url;
use wxgate_secret::Secret;

/// A connection URL. `Debug` and `Display` show scheme, host, port and path: enough to find a
/// wrong one, without user, password and options.
#[derive(Clone)]
pub struct ServerUrl {
    whole: Secret,
    shown: String,
}

impl ServerUrl {
    /// Takes a URL with one of `schemes`.
    pub(crate) fn parse(text: &str, schemes: &[&str]) -> Result<Self, String> {
        // The parser's error quotes nothing of the text, which may hold a password.
        let url = Url::parse(text).map_err(|error| format!("must be a URL: {error}"))?;
        if schemes.contains(&url.scheme()) {
            Ok(Self { whole: Secret::new(text), shown: shown(&url) })
        } else {
            Err(format!(
                "must begin with {}",
                schemes.iter().map(|scheme| format!("{scheme}://")).collect::<Vec<_>>().join(" or ")
            ))
        }
    }

    /// The whole URL: call this only where the connection is made.
    #[must_use]
    pub fn expose(&self) -> &str {
        self.whole.expose()
    }
}

fn shown(url: &Url) -> String {
    let port = url.port().map(|port| format!(":{port}")).unwrap_or_default();
    format!("{}://{}{port}{}", url.scheme(), url.host_str().unwrap_or_default(), url.path())
}

impl fmt::Display for ServerUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.shown)
    }
}

impl fmt::Debug for ServerUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ServerUrl({self})")
    }
}
