#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use super::*;

const OWN_APP: &str = "wx0000000000000001";
const OWN_RANDOM: &[u8; 16] = b"0123456789abcdef";

fn key() -> AesKey {
    AesKey::parse(&Secret::new("abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG")).unwrap()
}

/// Encrypts a plaintext as it stands: without this, what is forged could not be forged.
fn encrypted(mut text: Vec<u8>) -> String {
    let mut cipher = cbc::Encryptor::<Aes256>::new(&key().0.into(), &key().iv().into());
    for block in blocks(&mut text) {
        cipher.encrypt_block(block);
    }
    STANDARD.encode(text)
}

#[test]
fn a_key_is_43_digits_whatever_the_last_ones_spare_bits() {
    assert_eq!(hex::encode(key().0), "69b71d79f8218a39259a7a29aabb2dbafc31cb3d35db7e39ebbf3d0010831051");
    for wrong in [
        "",
        "short",
        "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFGH",
        "bcdefghijklmnopqrstuvwxyz0123456789ABCDEFG=",
    ] {
        assert_eq!(AesKey::parse(&Secret::new(wrong)).unwrap_err(), InvalidAesKey, "{wrong}");
    }
    assert!(!format!("{:?}", key()).contains("105"));
}

/// Vectors: one of an independent implementation, one of our own reckoning that another one decrypted,
/// and one whose padding is a whole block.
#[test]
fn envelopes_are_made_as_others_make_them_and_open_again() {
    let long = "x".repeat(58);
    for (message, app, random, envelope) in [
        (
            "我是中文abcd123",
            "wxb11529c136998cb6",
            b"aaaabbbbccccdddd",
            "jn1L23DB+6ELqJ+6bruv21Y6MD7KeIfP82D6gU39rmkgczbWwt5+3bnyg5K55bgVtVzd832WzZGMhkP72vVOfg==",
        ),
        (
            "<xml><A>1</A></xml>",
            OWN_APP,
            OWN_RANDOM,
            "Q3stYC6hdFzMh9T8HCvyDJatpvLhfy9s8l+X+yRGMWcPHjTxxgsuqybU9CysO8OTnMxfhhlTANVokb6wahlwbg==",
        ),
        (
            long.as_str(),
            OWN_APP,
            OWN_RANDOM,
            "Q3stYC6hdFzMh9T8HCvyDIKMpJ2YB/WJNYEsiBRSdP7uuAg59ygU0GcjEbNixcLfuHJQGfnGB/sQWDCwRYJJMDGHdyNXwaSNbiwQ\
             T1k8/tsqeiL19lgsJ4G54kZjfJElHV0O1gzE1Mt47rZ4XD6NNVr0zlzAd10HLmLOOknyzmA=",
        ),
    ] {
        assert_eq!(key().seal(message.as_bytes(), app, *random), envelope);
        assert_eq!(key().open(envelope, app).unwrap(), message.as_bytes());
    }
}

#[test]
fn an_envelope_for_another_app_or_under_another_key_does_not_open() {
    let envelope = key().seal(b"<xml/>", OWN_APP, *OWN_RANDOM);
    let other = AesKey::parse(&Secret::new("0123456789abcdefghijklmnopqrstuvwxyzABCDEFG")).unwrap();
    assert_eq!(key().open(&envelope, "wx0000000000000002"), Err(Unopenable));
    assert_eq!(key().open(&envelope, "wx000000000000000"), Err(Unopenable));
    assert_eq!(other.open(&envelope, OWN_APP), Err(Unopenable));
}

#[test]
fn what_was_cut_off_or_bent_does_not_open_and_does_not_panic() {
    let text = |padding: &[u8]| [OWN_RANDOM, &[0, 0, 0, 0][..], b"wx0000000000", padding].concat();
    let promising_too_much = [OWN_RANDOM, &[255; 4][..], &[12; 12]].concat();
    for envelope in [
        String::new(),
        "=".to_owned(),
        "Q3st".to_owned(),
        STANDARD.encode([0; 16]),
        STANDARD.encode([0; 32]),
        encrypted(text(&[])),
        encrypted([text(&[]), vec![0; 32]].concat()),
        encrypted([text(&[]), vec![33; 32]].concat()),
        encrypted([text(&[]), [vec![1; 31], vec![2]].concat()].concat()),
        encrypted(vec![32; 32]),
        encrypted([vec![9; 23], vec![9; 9]].concat()),
        encrypted(promising_too_much),
    ] {
        assert_eq!(key().open(&envelope, "wx0000000000"), Err(Unopenable), "{envelope}");
    }
    assert_eq!(key().open(&encrypted([text(&[]), vec![32; 32]].concat()), "wx0000000000").unwrap(), b"");
}
