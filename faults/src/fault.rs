//! What can go wrong, and which faults exclude each other.

use std::fmt;
use std::time::Duration;

use wxgate_tests::Pairing;

use crate::link::Weather;
use crate::party::{Line, Party};
use crate::receivers::Mood;
use crate::wechat::Illness;

/// A fault, which has a beginning and an end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// SIGKILL; its end is a start, a server's on the same data.
    Kill(Party),
    /// SIGSTOP; its end is SIGCONT.
    Freeze(Party),
    /// The machine fails: SIGKILL to every process of the gateway and both servers at once; its end is
    /// a start of all of them at once.
    Blackout,
    /// RabbitMQ is killed and its disk wiped; its end is a start with nothing.
    Wipe,
    /// RabbitMQ is short of memory and takes no messages.
    Alarm,
    /// No room where the embedded store lives.
    FullDisk,
    /// A line is cut, silent or slow.
    Line(Line, Weather),
    /// WeChat answers wrongly, slowly, half or not at all.
    WeChat(Illness),
    /// A receiver of callbacks, by its number, answers otherwise than 200, or not at all.
    Receiver(u8, Mood),
}

/// What a fault strikes: of two faults with the same target one must end before the other begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Target {
    /// A party as a whole.
    Party(Party),
    /// A line.
    Line(Line),
    /// The embedded store's disk.
    Disk,
}

impl Fault {
    /// What it strikes.
    #[must_use]
    pub fn targets(self) -> Vec<Target> {
        vec![match self {
            Self::Kill(party) | Self::Freeze(party) => Target::Party(party),
            Self::Blackout => return machine().map(Target::Party).collect(),
            Self::Wipe | Self::Alarm => Target::Party(Party::RabbitMq),
            Self::FullDisk => Target::Disk,
            Self::Line(line, _) => Target::Line(line),
            Self::WeChat(_) => Target::Party(Party::WeChat),
            Self::Receiver(number, _) => Target::Party(Party::Receiver(number)),
        }]
    }

    /// What it is counted as.
    #[must_use]
    pub fn sort(self) -> String {
        match self {
            Self::Kill(party) => format!("SIGKILL: {}", party.sort()),
            Self::Blackout => "SIGKILL: everything at once".to_owned(),
            Self::Freeze(party) => format!("SIGSTOP: {}", party.sort()),
            Self::Wipe => "RabbitMQ's disk wiped".to_owned(),
            Self::Alarm => "RabbitMQ takes no messages".to_owned(),
            Self::FullDisk => "the store's disk full".to_owned(),
            Self::Line(_, weather) => format!("a line {}", weather.sort()),
            Self::WeChat(illness) => format!("WeChat {}", illness.sort()),
            Self::Receiver(_, Mood::Hang) => "a receiver hangs".to_owned(),
            Self::Receiver(_, Mood::Status(_)) => "a receiver refuses".to_owned(),
        }
    }

    /// How long it may last: at least, at most.
    #[must_use]
    pub fn lasts(self) -> (Duration, Duration) {
        let (least_ms, most_ms) = match self {
            Self::Kill(_) | Self::Blackout | Self::Wipe => (0, 5_000),
            Self::Freeze(_) => (1_000, 20_000),
            Self::FullDisk | Self::Alarm => (1_000, 10_000),
            Self::Line(_, Weather::Slow { .. }) => (5_000, 20_000),
            Self::Line(..) => (200, 15_000),
            // Short, since there are many of them and only one can be at a time.
            Self::WeChat(_) => (2_000, 8_000),
            Self::Receiver(..) => (2_000, 15_000),
        };
        (Duration::from_millis(least_ms), Duration::from_millis(most_ms))
    }

    /// Whether it keeps this worker from taking over what a killed one left: it strikes the worker, the
    /// store or the way there.
    #[must_use]
    pub fn keeps_from_rescuing(self, worker: Party) -> bool {
        match self {
            Self::Kill(party) | Self::Freeze(party) => party == worker || party == Party::Postgres,
            Self::Blackout | Self::FullDisk => true,
            Self::Line(line, _) => line.from == worker && line.to == Party::Postgres,
            Self::Wipe | Self::Alarm | Self::WeChat(_) | Self::Receiver(..) => false,
        }
    }

    /// Everything that can happen to this pairing. What concerns a worker at work is there twice.
    #[must_use]
    pub fn deck(pairing: Pairing, has_small_disk: bool) -> Vec<Self> {
        let mut deck = Vec::new();
        for party in Party::processes(pairing) {
            deck.extend([Self::Kill(party), Self::Freeze(party)]);
            if party.is_worker() {
                deck.push(Self::Kill(party));
            }
        }
        match pairing {
            Pairing::Embedded if has_small_disk => deck.extend([Self::FullDisk; 2]),
            Pairing::Embedded => {}
            Pairing::Servers => {
                let servers = [Party::Postgres, Party::RabbitMq];
                deck.extend(
                    servers.into_iter().flat_map(|server| [Self::Kill(server), Self::Freeze(server)]),
                );
                deck.extend([Self::Wipe, Self::Alarm, Self::Blackout]);
            }
        }
        // How they strike is drawn when they are dealt.
        deck.extend(Line::all(pairing).into_iter().map(|line| Self::Line(line, Weather::Cut)));
        deck.extend(Illness::ALL.map(Self::WeChat));
        deck.extend((1..=crate::party::RECEIVERS).map(|number| Self::Receiver(number, Mood::Hang)));
        deck
    }
}

/// Everything that goes down with the machine.
fn machine() -> impl Iterator<Item = Party> {
    Party::processes(Pairing::Servers).into_iter().chain([Party::Postgres, Party::RabbitMq])
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Kill(party) => write!(f, "SIGKILL {party}"),
            Self::Freeze(party) => write!(f, "SIGSTOP {party}"),
            Self::Blackout => f.write_str("SIGKILL everything"),
            Self::Wipe => f.write_str("wipe RabbitMQ's disk"),
            Self::Alarm => f.write_str("RabbitMQ takes no messages"),
            Self::FullDisk => f.write_str("fill the store's disk"),
            Self::Line(line, weather) => write!(f, "{line}: {weather}"),
            Self::WeChat(illness) => write!(f, "WeChat: {illness}"),
            Self::Receiver(number, mood) => write!(f, "receiver {number}: {mood}"),
        }
    }
}
