//! Wrong tokens, counted by address and in all.
//!
//! The right one is never counted and never refused: a token is too long to be guessed (the settings see to that),
//! while behind a proxy all people share one address, and whoever guesses there must not lock them out. The
//! limits are for the log, and whoever reads it.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr};
use std::time::{Duration, Instant};

use parking_lot::Mutex;

/// How long wrong tokens count.
const WINDOW: Duration = Duration::from_mins(10);
/// Wrong tokens from one address: a person mistypes a few times.
const OF_ONE: u32 = 10;
/// Wrong tokens from all of them, so that many addresses get no further than a few persons. It also bounds
/// what is remembered.
const OF_ALL: u32 = 100;

/// Wrong tokens of this window. Each process counts its own.
#[derive(Default)]
pub(super) struct Attempts(Mutex<Option<Window>>);

struct Window {
    began: Instant,
    in_all: u32,
    by_address: HashMap<IpAddr, u32>,
}

/// So many wrong tokens came that one more is not even complained of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct TooMany {
    /// When the next wrong one is counted anew, from now.
    pub(crate) seconds: u64,
}

impl Attempts {
    /// Counts a wrong token.
    pub(super) fn count(&self, address: IpAddr, now: Instant) -> Result<(), TooMany> {
        let mut window = self.0.lock();
        let window = match &mut *window {
            Some(window) if now.duration_since(window.began) < WINDOW => window,
            other => other.insert(Window { began: now, in_all: 0, by_address: HashMap::new() }),
        };
        let address = network(address);
        let of_one = window.by_address.get(&address).copied().unwrap_or_default();
        if of_one >= OF_ONE || window.in_all >= OF_ALL {
            let left = WINDOW.saturating_sub(now.duration_since(window.began));
            return Err(TooMany { seconds: left.as_secs() + 1 });
        }
        window.in_all += 1;
        window.by_address.insert(address, of_one + 1);
        Ok(())
    }
}

/// Whoever has one address of version 6 usually has the whole /64.
fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => {
            let [a, b, c, d, ..] = address.segments();
            IpAddr::V6(Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0))
        }
        v4 @ IpAddr::V4(_) => v4,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(last: u8) -> IpAddr {
        IpAddr::from([192, 0, 2, last])
    }

    #[test]
    fn ten_wrong_ones_of_an_address_are_counted_in_ten_minutes() {
        let (attempts, now) = (Attempts::default(), Instant::now());
        for _ in 0..OF_ONE {
            assert_eq!(attempts.count(address(1), now), Ok(()));
        }
        let later = now + Duration::from_secs(9);
        assert_eq!(attempts.count(address(1), later), Err(TooMany { seconds: 592 }));
        assert_eq!(attempts.count(address(2), later), Ok(()), "others are counted by themselves");
        assert_eq!(attempts.count(address(1), now + WINDOW), Ok(()));
    }

    #[test]
    fn many_addresses_get_no_further_together() {
        let (attempts, now) = (Attempts::default(), Instant::now());
        let counted = (0..=255).filter(|&last| attempts.count(address(last), now).is_ok());
        assert_eq!(counted.count(), 100);
    }

    #[test]
    fn a_network_of_version_6_counts_as_one_address() {
        let (attempts, now) = (Attempts::default(), Instant::now());
        let host = |last: u16| IpAddr::V6(Ipv6Addr::new(0x2001, 0xdb8, 0, 1, 0, 0, 0, last));
        let counted = (0..100).filter(|&last| attempts.count(host(last), now).is_ok());
        assert_eq!(counted.count(), 10);
        let mapped = "::ffff:192.0.2.7".parse().map(network);
        assert_eq!(mapped, Ok(address(7)));
    }
}
