//! Signatures against the document's own example and against values that Python's `hashlib`,
//! `hmac` and `urllib.parse.quote` gave for the same parameters.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use wxgate_secret::Secret;
use wxgate_signing::{Form, WebhookSecret, content_digest, fingerprint, hmac_sha256, md5};

const SECRET: &str = "AZa-zsn6lbaOxCpQzq85ijiaiOo6yBrcFqiaEv";

/// The form-encoded request, its interface, `stringA` with `{}` for the secret, both authcodes.
const VECTORS: &[(&str, &str, &str, &str, &str)] = &[
    // The document's section 2.4.
    (
        "redirect_uri=http://www.verystar.cn&oauth_type=oauth_snsapi_base&req_time=1459817487\
         &client_code=ayAXXiXU6rXkBZAE464MVi8Wniwrrlp3GEX1M6",
        "set_drawboard_data",
        "ayAXXiXU6rXkBZAE464MVi8Wniwrrlp3GEX1M6{}oauth_snsapi_basehttp://www.verystar.cn1459817487",
        "ff855997852eaebd899ce54fc094baed",
        "fcb3d8dbe54152db9e777e9fe0c8257fdbf533e4a9bc91005079e59bf1ce5dcb",
    ),
    // Chinese and an emoji, in a name too.
    (
        "client_code=c1&req_time=1700000000&%E5%90%8D=%E5%80%BC\
         &tpl_data={\"first\":\"您好，世界+😀\"}",
        "async_send_tpl",
        "c1{}1700000000{\"first\":\"您好，世界 😀\"}值",
        "6c12a35d4384bc4be42908b0d8b594de",
        "71a94ce562c79bb1d4e8700661ede5eb25e53971079fe2dab19d1d96d57ed66c",
    ),
    // An empty value does not count, a blank does.
    (
        "client_code=c1&req_time=1700000000&note=&pad=+",
        "async_send_tpl",
        "c1{} 1700000000",
        "6b621ba4fd9e03e025ca3aad89592004",
        "b7df817cfb857efd0aa92b6aa4a741182f427713d20a7bd0813608c745f8f72d",
    ),
    // Upper case before `_` before lower case; names on both sides of `client_secret`.
    (
        "b=1&B=2&a=3&A=4&_=5&Z=6&client_secreu=7&client_secre=8&client_secret2=9",
        "async_send_tpl",
        "4265318{}97",
        "23b2b1029214398c3eaca3379a343b8b",
        "ae97620c011816db6cefd75bd4b11c7e531743fbd723d4415ea6dc1728e8727e",
    ),
    // Everything that RFC 3986 reserves, in a name too.
    (
        "k=a-b.c_d~e!*'()%2B/?%26=%25%23+%0A&a%26b%3Dc=x",
        "async_send_tpl",
        "x{}a-b.c_d~e!*'()+/?&=%# \n",
        "aa15b3c90fac23b3c1541c8e0e4a8fd8",
        "5f4a16aa31cfd7b5b151124c98fa5bcc89379b82ee73b4acbecce9d48f5dfbfa",
    ),
];

#[test]
fn authcodes_equal_the_reference_values() {
    let secret = Secret::new(SECRET);
    for (body, interface, string_a, md5_hex, hmac_hex) in VECTORS {
        let form = Form::parse(body.as_bytes()).unwrap();
        assert_eq!(md5::string_a(form.pairs(), &secret).expose(), string_a.replace("{}", SECRET));
        assert_eq!(md5::authcode(form.pairs(), &secret).to_string(), *md5_hex, "{body}");
        assert_eq!(hmac_sha256::authcode(interface, form.pairs(), &secret).to_string(), *hmac_hex, "{body}");
    }
}

/// In every language that they are written in.
#[test]
fn the_documents_for_integrators_show_right_examples() {
    let (body, interface, string_a, md5_hex, hmac_hex) = VECTORS[0];
    let callback = "state=succeeded&msgid=1";
    let secret = "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYX";
    let (id, at) = ("msg_2KWPBgLlAfxdpx2AI54pPJ85f4W", 1_674_087_231);
    let signature = WebhookSecret::parse(&Secret::new(secret)).unwrap().sign(id, at, callback.as_bytes());
    for document in
        [include_str!("../../../docs/integrators.md"), include_str!("../../../docs/integrators.zh.md")]
    {
        for (_, value) in Form::parse(body.as_bytes()).unwrap().pairs() {
            assert!(document.contains(&format!("| `{value}` |")), "{value}");
        }
        for shown in [SECRET, interface, &string_a.replace("{}", SECRET), md5_hex, hmac_hex] {
            assert!(document.contains(shown), "{shown}");
        }
        for shown in [secret, id, &at.to_string(), callback, &signature] {
            assert!(document.contains(&format!("| `{shown}` |")), "{shown}");
        }
    }
}

#[test]
fn secrets_of_a_block_and_longer_key_the_hmac() {
    for (length, hex) in [
        (64, "3fe6493bd0d58341ac72bfc16aa76b9591a305c9f4d8897d90eb931f017e4710"),
        (100, "da5e6b1a036f9958eb8c6443e2e6d16782ea1e868af1ad81f3b5a4b82037f6f2"),
    ] {
        let authcode = hmac_sha256::authcode("x", [("a", "1")], &Secret::new("k".repeat(length)));
        assert_eq!(authcode.to_string(), hex);
    }
}

#[test]
fn a_request_without_parameters_still_signs_its_interface_line() {
    let authcode = hmac_sha256::authcode("x", [], &Secret::new("k"));
    assert_eq!(authcode.to_string(), "1bfee5f7ccd060dc207385338195e844dacce9a36c5748c954ec9d64b8f3be06");
}

#[test]
fn an_authcode_in_the_body_is_not_signed() {
    let secret = Secret::new(SECRET);
    let (plain, with) = ([("a", "1")].to_vec(), [("a", "1"), ("authcode", "2")].to_vec());
    assert!(md5::authcode(plain.clone(), &secret).verify("x", with.clone(), &secret));
    assert!(hmac_sha256::authcode("x", plain, &secret).verify("x", with, &secret));
}

/// Two requests that the documented scheme cannot tell apart.
fn twins() -> [Form<'static>; 2] {
    [
        Form::parse(b"client_code=c1&code=12&req_time=1700000000").unwrap(),
        Form::parse(b"client_code=c1&code=1&e=2&req_time=1700000000").unwrap(),
    ]
}

#[test]
fn one_md5_authcode_fits_a_request_that_is_split_differently() {
    let (secret, [one, other]) = (Secret::new(SECRET), twins());
    let authcode = md5::authcode(one.pairs(), &secret);
    assert_eq!(authcode.to_string(), "e3e76333dc92deb2371ae47955f335e8");
    assert!(authcode.verify("consume_card_code", other.pairs(), &secret));
    assert!(authcode.verify("abrogate_card_code", one.pairs(), &secret));
}

#[test]
fn an_hmac_authcode_fits_one_request_to_one_interface() {
    let (secret, [one, other]) = (Secret::new(SECRET), twins());
    let authcode = hmac_sha256::authcode("consume_card_code", one.pairs(), &secret);
    assert_eq!(authcode.to_string(), "312c48325399b090f493789c6ef9c94cba23c615ca1d8d9144d9c974b9c37099");
    assert!(authcode.verify("consume_card_code", one.pairs(), &secret));
    assert!(!authcode.verify("consume_card_code", other.pairs(), &secret));
    assert!(!authcode.verify("abrogate_card_code", one.pairs(), &secret));
    assert!(!authcode.verify("consume_card_code", one.pairs(), &Secret::new("another")));
}

#[test]
fn a_fingerprint_tells_such_twins_apart() {
    let [one, other] = twins();
    let of = |form: &Form<'_>| fingerprint("consume_card_code", form.pairs());
    assert_ne!(of(&one), of(&other));
    assert_ne!(of(&one), fingerprint("abrogate_card_code", one.pairs()));
    assert_ne!(fingerprint("x", [("a", "bc")]), fingerprint("x", [("ab", "c")]));
    assert_ne!(fingerprint("xa", [("b", "c")]), fingerprint("x", [("ab", "c")]));
}

#[test]
fn a_fingerprint_ignores_order_empty_values_and_the_authcode() {
    let base = fingerprint("x", [("a", "1"), ("b", "2")]);
    assert_eq!(base, fingerprint("x", [("b", "2"), ("c", ""), ("authcode", "9"), ("a", "1")]));
    // It is stored, so it must stay what it is.
    assert_eq!(base, 0xad61_817f_5ccf_de91_4edc_53fc_3955_4389_u128.to_be_bytes());
}

#[test]
fn the_content_digest_ignores_the_time_and_nothing_else() {
    let of = |time: &'static str, value| content_digest("x", [("a", value), ("req_time", time)]);
    assert_eq!(of("1700000000", "1"), of("1700000001", "1"));
    assert_ne!(of("1700000000", "1"), of("1700000000", "2"));
    let other_name = content_digest("x", [("a", "1"), ("req_timf", "1700000000")]);
    assert_ne!(of("1700000000", "1"), other_name);
    assert_ne!(fingerprint("x", [("req_time", "1")]), fingerprint("x", [("req_time", "2")]));
}
