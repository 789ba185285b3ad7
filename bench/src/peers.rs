//! What others do with the same work. Measured once, on a machine of two cores like the one that the goals are for,
//! with every job committed to the disk; nothing here measures them again.

use std::fmt;

use crate::table::Unit;

/// A gateway made of others' parts.
#[derive(Clone, Copy, Debug)]
pub struct Peer {
    /// Its parts.
    pub name: &'static str,
    /// Jobs a second end to end.
    pub end_to_end_per_s: f64,
    /// Memory of its processes, without the servers'.
    pub memory_mib: Option<f64>,
    /// From a request to its callback under light load, half of them.
    pub light_p50_ms: Option<f64>,
    /// Likewise, 99 of 100.
    pub light_p99_ms: Option<f64>,
    /// Until a request is answered under full load.
    pub accept_p99_ms: Option<f64>,
}

/// One of which only rate and memory are known.
const fn peer(name: &'static str, end_to_end_per_s: f64, memory_mib: Option<f64>) -> Peer {
    Peer { name, end_to_end_per_s, memory_mib, light_p50_ms: None, light_p99_ms: None, accept_p99_ms: None }
}

/// From the slowest to the fastest. Where a range was measured, its better end.
pub const PEERS: [Peer; 6] = [
    peer("FastAPI + Celery", 343.0, Some(256.0)),
    peer("actix-web + Awa, as documented", 760.0, None),
    peer("Fastify + graphile-worker", 863.0, Some(230.0)),
    peer("Fastify + BullMQ, fsync always", 2_100.0, Some(240.0)),
    peer("actix-web + Awa, one commit", 2_275.0, None),
    Peer {
        light_p50_ms: Some(6.3),
        light_p99_ms: Some(31.0),
        accept_p99_ms: Some(25.0),
        ..peer("actix-web + Awa, tuned", 5_457.0, Some(41.0))
    },
];

/// Writes them beside what was measured: pairings with their jobs a second.
///
/// # Errors
/// When nothing more can be written.
pub fn write(f: &mut fmt::Formatter<'_>, measured: &[(&str, f64)]) -> fmt::Result {
    write!(f, "{:<42}{:>10}{:>10}", "peers, measured earlier on two cores", "jobs/s", "MiB")?;
    for (pairing, _) in measured {
        write!(f, "{:>28}", format!("{pairing} is"))?;
    }
    writeln!(f)?;
    for peer in PEERS {
        let memory = peer.memory_mib.map_or_else(|| "-".into(), |mib| Unit::Mebibytes.show(mib));
        write!(f, "{:<42}{:>10}{memory:>10}", peer.name, Unit::PerSecond.show(peer.end_to_end_per_s))?;
        for (_, per_s) in measured {
            write!(f, "{:>28}", format!("{:.1} times as fast", per_s / peer.end_to_end_per_s))?;
        }
        writeln!(f)?;
    }
    writeln!(f)
}
