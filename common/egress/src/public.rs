//! Which addresses belong to the public internet.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use ipnet::{Ipv4Net, Ipv6Net};

/// IPv4 ranges that are not public, by the IANA special-purpose registry, multicast and the
/// reserved class E included.
const SPECIAL_V4: [Ipv4Net; 15] = [
    v4(0, 0, 0, 0, 8),       // this network
    v4(10, 0, 0, 0, 8),      // private
    v4(100, 64, 0, 0, 10),   // carrier-grade NAT; clouds keep metadata services there
    v4(127, 0, 0, 0, 8),     // loopback
    v4(169, 254, 0, 0, 16),  // link-local, cloud metadata
    v4(172, 16, 0, 0, 12),   // private
    v4(192, 0, 0, 0, 24),    // protocol assignments
    v4(192, 0, 2, 0, 24),    // documentation
    v4(192, 88, 99, 0, 24),  // 6to4 relays
    v4(192, 168, 0, 0, 16),  // private
    v4(198, 18, 0, 0, 15),   // benchmarks
    v4(198, 51, 100, 0, 24), // documentation
    v4(203, 0, 113, 0, 24),  // documentation
    v4(224, 0, 0, 0, 4),     // multicast
    v4(240, 0, 0, 0, 4),     // reserved, broadcast
];

/// The only block from which IANA assigns public IPv6 addresses. Whatever lies outside (loopback,
/// IPv4 in its mapped, compatible and NAT64 forms, discard-only, `SRv6`, unique local, link-local,
/// the old site-local, multicast) needs no line of its own.
const GLOBAL_UNICAST: Ipv6Net = v6([0x2000, 0, 0, 0, 0, 0, 0, 0], 3);

/// What is special within [`GLOBAL_UNICAST`]. Teredo and 6to4 carry IPv4 addresses inside.
const SPECIAL_V6: [Ipv6Net; 4] = [
    v6([0x2001, 0, 0, 0, 0, 0, 0, 0], 23), // protocol assignments, Teredo among them
    v6([0x2001, 0xdb8, 0, 0, 0, 0, 0, 0], 32), // documentation
    v6([0x2002, 0, 0, 0, 0, 0, 0, 0], 16), // 6to4
    v6([0x3fff, 0, 0, 0, 0, 0, 0, 0], 20), // documentation
];

/// The protocol assignments of `2001::/23` that IANA lists as globally reachable.
const PUBLIC_ASSIGNMENTS: [Ipv6Net; 7] = [
    v6([0x2001, 1, 0, 0, 0, 0, 0, 1], 128),    // port control anycast
    v6([0x2001, 1, 0, 0, 0, 0, 0, 2], 128),    // TURN anycast
    v6([0x2001, 1, 0, 0, 0, 0, 0, 3], 128),    // DNS-SD registration anycast
    v6([0x2001, 3, 0, 0, 0, 0, 0, 0], 32),     // multicast tunnelling
    v6([0x2001, 4, 0x112, 0, 0, 0, 0, 0], 48), // AS112
    v6([0x2001, 0x20, 0, 0, 0, 0, 0, 0], 28),  // ORCHIDv2
    v6([0x2001, 0x30, 0, 0, 0, 0, 0, 0], 28),  // drone identification
];

/// Whether `address` is on the public internet: not this machine, not a private network, not an
/// address that embeds another.
#[must_use]
pub fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => !SPECIAL_V4.iter().any(|net| net.contains(&address)),
        IpAddr::V6(address) => is_public_v6(address),
    }
}

fn is_public_v6(address: Ipv6Addr) -> bool {
    let among = |nets: &[Ipv6Net]| nets.iter().any(|net| net.contains(&address));
    GLOBAL_UNICAST.contains(&address) && (!among(&SPECIAL_V6) || among(&PUBLIC_ASSIGNMENTS))
}

const fn v4(a: u8, b: u8, c: u8, d: u8, prefix: u8) -> Ipv4Net {
    Ipv4Net::new_assert(Ipv4Addr::new(a, b, c, d), prefix)
}

const fn v6(s: [u16; 8], prefix: u8) -> Ipv6Net {
    Ipv6Net::new_assert(Ipv6Addr::new(s[0], s[1], s[2], s[3], s[4], s[5], s[6], s[7]), prefix)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use super::*;

    #[track_caller]
    fn all(expected: bool, addresses: &[&str]) {
        for address in addresses {
            assert_eq!(is_public(address.parse().unwrap()), expected, "{address}");
        }
    }

    #[test]
    fn special_ipv4_ranges_are_refused_up_to_both_edges() {
        all(
            false,
            &["0.0.0.0", "0.255.255.255", "10.0.0.0", "10.255.255.255", "100.64.0.0", "100.127.255.255"],
        );
        all(
            false,
            &[
                "127.0.0.0",
                "127.0.0.1",
                "127.255.255.255",
                "169.254.0.0",
                "169.254.169.254",
                "169.254.255.255",
            ],
        );
        all(false, &["172.16.0.0", "172.31.255.255", "192.0.0.0", "192.0.0.255", "192.0.2.0", "192.0.2.255"]);
        all(
            false,
            &[
                "192.88.99.0",
                "192.88.99.255",
                "192.168.0.0",
                "192.168.255.255",
                "198.18.0.0",
                "198.19.255.255",
            ],
        );
        all(false, &["198.51.100.0", "198.51.100.255", "203.0.113.0", "203.0.113.255"]);
        all(false, &["224.0.0.0", "239.255.255.255", "240.0.0.0", "255.255.255.254", "255.255.255.255"]);
    }

    #[test]
    fn the_ipv4_neighbours_of_those_ranges_are_public() {
        all(
            true,
            &["1.0.0.0", "9.255.255.255", "11.0.0.0", "100.63.255.255", "100.128.0.0", "126.255.255.255"],
        );
        all(true, &["128.0.0.0", "169.253.255.255", "169.255.0.0", "172.15.255.255", "172.32.0.0"]);
        all(
            true,
            &["191.255.255.255", "192.0.1.0", "192.0.1.255", "192.0.3.0", "192.88.98.255", "192.88.100.0"],
        );
        all(true, &["192.167.255.255", "192.169.0.0", "198.17.255.255", "198.20.0.0", "198.51.99.255"]);
        all(true, &["198.51.101.0", "203.0.112.255", "203.0.114.0", "223.255.255.255", "8.8.8.8"]);
    }

    #[test]
    fn special_ipv6_ranges_are_refused_up_to_both_edges() {
        all(false, &["::", "::1", "ff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"]);
        all(false, &["64:ff9b::", "64:ff9b::ffff:ffff", "64:ff9b:1::", "64:ff9b:1:ffff:ffff:ffff:ffff:ffff"]);
        all(
            false,
            &["100::", "100::ffff:ffff:ffff:ffff", "2001::", "2001:1ff:ffff:ffff:ffff:ffff:ffff:ffff"],
        );
        all(false, &["2001:db8::", "2001:db8:ffff:ffff:ffff:ffff:ffff:ffff"]);
        all(false, &["2002::", "2002:ffff:ffff:ffff:ffff:ffff:ffff:ffff"]);
        all(
            false,
            &[
                "3fff::",
                "3fff:fff:ffff:ffff:ffff:ffff:ffff:ffff",
                "5f00::",
                "5f00:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
            ],
        );
        all(false, &["fc00::", "fd00:ec2::254", "fdff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"]);
        all(
            false,
            &[
                "fe80::",
                "febf:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
                "fec0::",
                "feff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
            ],
        );
        all(false, &["ff00::", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"]);
        all(false, &["1fff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "4000::"]);
    }

    #[test]
    fn the_ipv6_neighbours_of_those_ranges_are_public() {
        all(true, &["2000::", "2000:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "2001:200::"]);
        all(
            true,
            &[
                "2001:db7:ffff:ffff:ffff:ffff:ffff:ffff",
                "2001:db9::",
                "2001:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
            ],
        );
        all(true, &["2003::", "3ffe:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "3fff:1000::"]);
        all(true, &["3fff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "2606:4700:4700::1111"]);
    }

    #[test]
    fn public_protocol_assignments_are_carved_out_up_to_both_edges() {
        all(
            true,
            &["2001:1::1", "2001:1::2", "2001:1::3", "2001:3::", "2001:3:ffff:ffff:ffff:ffff:ffff:ffff"],
        );
        all(true, &["2001:4:112::", "2001:4:112:ffff:ffff:ffff:ffff:ffff"]);
        all(true, &["2001:20::", "2001:2f:ffff:ffff:ffff:ffff:ffff:ffff", "2001:30::"]);
        all(true, &["2001:3f:ffff:ffff:ffff:ffff:ffff:ffff"]);
        all(false, &["2001:1::", "2001:1::4", "2001:2:ffff:ffff:ffff:ffff:ffff:ffff", "2001:4::"]);
        all(false, &["2001:4:111:ffff:ffff:ffff:ffff:ffff", "2001:4:113::"]);
        all(false, &["2001:1f:ffff:ffff:ffff:ffff:ffff:ffff", "2001:40::"]);
    }

    #[test]
    fn an_address_that_embeds_another_is_refused_whatever_it_embeds() {
        all(false, &["::ffff:127.0.0.1", "::ffff:8.8.8.8", "::127.0.0.1", "::8.8.8.8", "::ffff:0:10.0.0.1"]);
        all(false, &["64:ff9b::10.0.0.1", "64:ff9b::8.8.8.8", "2002:7f00:1::", "2001:0:808:808::"]);
    }
}
