//! All that is random in the sandbox, out of one seed: the same seed and the same order of calls
//! give the same tokens, message ids and throws of the dice.

use parking_lot::Mutex;
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};

/// Tokens seen in the field have some 130 to 160 characters; clients must reserve 512.
const TOKEN_LENGTH: usize = 136;
const TOKEN_ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
/// Message ids have 19 digits today: more than a double keeps exactly.
const FIRST_MSGID: std::ops::Range<u64> = 3_000_000_000_000_000_000..4_000_000_000_000_000_000;

/// The one source of chance.
#[derive(Debug)]
pub(crate) struct Chance(Mutex<StdRng>);

impl Chance {
    pub(crate) fn seeded(seed: u64) -> Self {
        Self(Mutex::new(StdRng::seed_from_u64(seed)))
    }

    /// A token that looks like WeChat's.
    pub(crate) fn token(&self) -> String {
        let mut rng = self.0.lock();
        let letters = (0..TOKEN_LENGTH).map(|_| {
            let index = rng.random_range(0..TOKEN_ALPHABET.len());
            char::from(TOKEN_ALPHABET[index])
        });
        letters.collect()
    }

    /// Where this sandbox's message ids begin.
    pub(crate) fn first_msgid(&self) -> u64 {
        self.0.lock().random_range(FIRST_MSGID)
    }

    /// True with this probability (0 to 1).
    pub(crate) fn happens(&self, probability: f64) -> bool {
        self.0.lock().random::<f64>() < probability
    }

    /// The request id that ends every error message; its first group is the Unix second in hex.
    pub(crate) fn rid(&self, unix_second: i64) -> String {
        let tail: u64 = self.0.lock().random();
        format!("{unix_second:08x}-{:08x}-{:08x}", tail >> 32, tail & 0xffff_ffff)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_seed_tells_one_story() {
        let (one, same, other) = (Chance::seeded(7), Chance::seeded(7), Chance::seeded(8));
        let story = |chance: &Chance| (chance.token(), chance.first_msgid(), chance.rid(0));
        let told = story(&one);
        assert_eq!(told, story(&same));
        assert_ne!(told, story(&other));
    }

    #[test]
    fn a_rid_begins_with_the_second_in_hex() {
        let rid = Chance::seeded(1).rid(0x6553_f100);
        assert!(rid.starts_with("6553f100-"), "{rid}");
        assert_eq!(rid.len(), 26);
    }
}
