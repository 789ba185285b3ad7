//! What the operator lets callbacks reach although it is private.

use std::net::IpAddr;
use std::str::FromStr;

use ipnet::IpNet;
use url::{Host, Url};

use crate::is_public;

/// Exceptions to 'public addresses only'. A network (`10.1.0.0/16`) admits every address in it,
/// whatever name led there. An endpoint (`hooks.internal:8443`, `127.0.0.1:9000`, `[::1]:9000`)
/// admits URLs with exactly that host and port, whatever address the name has.
#[derive(Clone, Debug, Default)]
pub struct AllowList {
    networks: Vec<IpNet>,
    endpoints: Vec<(Host, u16)>,
}

/// An entry that is neither a network nor an endpoint.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("'{entry}' is neither a network such as 10.1.0.0/16 nor a host:port such as hooks.internal:8443")]
pub struct InvalidAllowEntry {
    /// The entry as written.
    pub entry: String,
}

enum Entry {
    Network(IpNet),
    Endpoint(Host, u16),
}

impl AllowList {
    /// Whether this address may be dialled for the sake of itself: public, or in a listed network.
    pub(crate) fn admits_address(&self, address: IpAddr) -> bool {
        is_public(address) || self.networks.iter().any(|network| network.contains(&address))
    }

    /// Whether this URL's host and port are listed as they stand.
    pub(crate) fn admits_endpoint(&self, url: &Url) -> bool {
        let (Some(host), Some(port)) = (url.host(), url.port_or_known_default()) else { return false };
        self.endpoints.iter().any(|(listed, at)| *at == port && *listed == host)
    }
}

impl FromStr for AllowList {
    type Err = InvalidAllowEntry;

    /// Reads a comma-separated list; blanks and empty entries are skipped.
    fn from_str(list: &str) -> Result<Self, Self::Err> {
        let mut allowed = Self::default();
        for entry in list.split(',').map(str::trim).filter(|entry| !entry.is_empty()) {
            match entry.parse()? {
                Entry::Network(network) => allowed.networks.push(network),
                Entry::Endpoint(host, port) => allowed.endpoints.push((host, port)),
            }
        }
        Ok(allowed)
    }
}

impl FromStr for Entry {
    type Err = InvalidAllowEntry;

    fn from_str(entry: &str) -> Result<Self, Self::Err> {
        let network = || entry.parse().or_else(|_| entry.parse::<IpAddr>().map(IpNet::from)).ok();
        network()
            .map(Self::Network)
            .or_else(|| endpoint(entry))
            .ok_or_else(|| InvalidAllowEntry { entry: entry.to_owned() })
    }
}

/// Reads the host with the parser that also reads URLs, so that both spell it alike.
fn endpoint(entry: &str) -> Option<Entry> {
    let (host, port) = entry.rsplit_once(':')?;
    let port = port.parse().ok().filter(|port| *port != 0)?;
    Some(Entry::Endpoint(Host::parse(host).ok()?, port))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use super::*;

    fn admits_url(list: &str, url: &str) -> bool {
        list.parse::<AllowList>().unwrap().admits_endpoint(&url.parse().unwrap())
    }

    fn admits(list: &str, address: &str) -> bool {
        list.parse::<AllowList>().unwrap().admits_address(address.parse().unwrap())
    }

    #[test]
    fn a_network_admits_its_addresses_only() {
        let list = "10.1.0.0/16, fd00::/8,127.0.0.1,";
        for address in ["10.1.0.0", "10.1.255.255", "fd12::1", "127.0.0.1", "8.8.8.8"] {
            assert!(admits(list, address), "{address}");
        }
        for address in ["10.0.255.255", "10.2.0.0", "fc00::1", "127.0.0.2", "::ffff:10.1.0.1"] {
            assert!(!admits(list, address), "{address}");
        }
    }

    #[test]
    fn an_endpoint_admits_its_host_with_its_port_only() {
        let list = "Hooks.Internal:8443,127.0.0.1:80,[::1]:9000";
        for url in
            ["https://hooks.internal:8443/x", "http://127.0.0.1/", "http://127.1:80/", "http://[0::1]:9000/"]
        {
            assert!(admits_url(list, url), "{url}");
        }
        for url in [
            "https://hooks.internal/",
            "https://a.hooks.internal:8443/",
            "http://127.0.0.1:81/",
            "http://[::1]/",
        ] {
            assert!(!admits_url(list, url), "{url}");
        }
        assert!(!admits(list, "127.0.0.1"));
    }

    #[test]
    fn an_unusable_entry_is_named() {
        for entry in [
            "10.0.0.0/33",
            "localhost",
            "host:",
            "host:0",
            "host:65536",
            ":80",
            "http://host:80",
            "a b:80",
            "10.0.0",
        ] {
            let error = format!("10.0.0.0/8, {entry}").parse::<AllowList>().unwrap_err();
            assert_eq!(error.entry, entry);
        }
    }

    #[test]
    fn an_empty_list_admits_public_addresses_only() {
        assert!(admits("", "8.8.8.8") && !admits(" , ", "127.0.0.1"));
    }
}
