//! All that is random in the sandbox, out of one seed: the same seed and the same order of calls
//! give the same tokens, message ids and throws of the dice.

use parking_lot::Mutex;
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};

/// Tokens seen in the field have some 130 to 160 characters; clients must reserve 512.
const TOKEN_LENGTH: usize = 136;
const TOKEN_ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
/// Length of a `media_id`, which has the same alphabet.
const MEDIA_ID_LENGTH: usize = 64;
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
        self.letters(TOKEN_ALPHABET, TOKEN_LENGTH)
    }

    /// A `media_id` that looks like WeChat's.
    pub(crate) fn media_id(&self) -> String {
        self.letters(TOKEN_ALPHABET, MEDIA_ID_LENGTH)
    }

    /// A word of letters and digits, such as tickets and codes are made of.
    pub(crate) fn word(&self, length: usize) -> String {
        // The alphabet's last two are neither.
        self.letters(&TOKEN_ALPHABET[..62], length)
    }

    /// A number of so many digits, as text.
    pub(crate) fn digits(&self, length: usize) -> String {
        self.letters(b"0123456789", length)
    }

    /// So many hex digits, lower case.
    pub(crate) fn hex(&self, length: usize) -> String {
        self.letters(b"0123456789abcdef", length)
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

    fn letters(&self, alphabet: &[u8], length: usize) -> String {
        let mut rng = self.0.lock();
        (0..length).map(|_| char::from(alphabet[rng.random_range(0..alphabet.len())])).collect()
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
