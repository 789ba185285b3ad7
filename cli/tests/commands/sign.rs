//! `wxgate sign`.

use std::process::Command;
use std::time::{SystemTime, UNIX_EPOCH};

use wxgate_secret::Secret;
use wxgate_signing::{Authcode, Form, Scheme};

use crate::operator::Operator;

/// The example of the document's section 2.4.
const EXAMPLE: [&str; 8] = [
    "sign",
    "redirect_uri=http://www.verystar.cn",
    "oauth_type=oauth_snsapi_base",
    "req_time=1459817487",
    "client_code=ayAXXiXU6rXkBZAE464MVi8Wniwrrlp3GEX1M6",
    "--secret=AZa-zsn6lbaOxCpQzq85ijiaiOo6yBrcFqiaEv",
    "--interface=set_drawboard_data",
    "--json",
];

/// Reads a curl line as a shell does and answers the address and the body.
fn read_back(line: &str) -> (String, String) {
    let script = format!("curl() {{ printf '%s\\n' \"$@\"; }}; {line}");
    let output = Command::new("sh").args(["-c", &script]).output().unwrap();
    let words = String::from_utf8(output.stdout).unwrap();
    match words.lines().collect::<Vec<_>>()[..] {
        ["-sS", url, "--data", body] => (url.to_owned(), body.to_owned()),
        ref other => panic!("unexpected arguments: {other:?}"),
    }
}

/// Whether a gateway would take the request.
fn verifies(url: &str, body: &str, secret: &str) -> Scheme {
    let (path, query) = url.split_once('?').unwrap();
    let interface = path.rsplit('/').next().unwrap();
    let query = Form::parse(query.as_bytes()).unwrap();
    let authcode = Authcode::parse(query.get("authcode").unwrap()).unwrap();
    let form = Form::parse(body.as_bytes()).unwrap();
    assert!(authcode.verify(interface, form.pairs(), &Secret::new(secret)), "{url} {body}");
    authcode.scheme()
}

#[test]
fn the_documents_example_is_reproduced() {
    let said: serde_json::Value = serde_json::from_str(&Operator::new().does(&EXAMPLE)).unwrap();
    assert_eq!(said["authcode"], "ff855997852eaebd899ce54fc094baed");
    assert_eq!(
        said["string_a"],
        "ayAXXiXU6rXkBZAE464MVi8Wniwrrlp3GEX1M6AZa-zsn6lbaOxCpQzq85ijiaiOo6yBrcFqiaEv\
         oauth_snsapi_basehttp://www.verystar.cn1459817487"
    );
    let text = Operator::new().does(&EXAMPLE[..7]);
    assert!(text.contains("ff855997852eaebd899ce54fc094baed") && text.contains("\n\ncurl -sS "), "{text}");
}

#[test]
fn the_curl_line_is_read_back_by_a_shell_and_verifies() {
    let nasty = r#"tpl_data={"touser":"o'1","data":{"first":{"value":"100% & +1 $(id) `id` \\ 值"}}}"#;
    for (scheme, flags) in [(Scheme::Md5, [].as_slice()), (Scheme::HmacSha256, &["--hmac"])] {
        let command =
            ["sign", nasty, "client_code=shop", "empty=", "--secret", "s", "--url", "https://gw.example/"];
        let said = Operator::new().json(&[&command[..], flags].concat());
        let (url, body) = read_back(said["curl"].as_str().unwrap());
        assert!(url.starts_with("https://gw.example/weixinapi/async_send_tpl?authcode="), "{url}");
        assert_eq!(verifies(&url, &body, "s"), scheme);
        let form = Form::parse(body.as_bytes()).unwrap();
        assert_eq!(form.get("tpl_data"), nasty.strip_prefix("tpl_data="));
    }
}

#[test]
fn req_time_is_now_unless_given() {
    let now = || i64::try_from(SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs()).unwrap();
    let before = now();
    let said = Operator::new().json(&["sign", "client_code=shop", "--secret", "s"]);
    let form = said["body"].as_str().unwrap();
    let time: i64 = Form::parse(form.as_bytes()).unwrap().get("req_time").unwrap().parse().unwrap();
    assert!((before..=now()).contains(&time));
}

#[test]
fn a_clients_secret_comes_from_the_store_and_is_not_shown() {
    let operator = Operator::with_shop();
    for command in [["sign", "a=1", "--client", "shop"].as_slice(), &["sign", "a=1", "client_code=shop"]] {
        for flags in [[].as_slice(), &["--hmac"]] {
            let command = [command, flags].concat();
            let said = operator.json(&command);
            let (url, body) = read_back(said["curl"].as_str().unwrap());
            verifies(&url, &body, "client-canary");
            assert!(!said.to_string().contains("canary") && !operator.does(&command).contains("canary"));
        }
    }
}

#[test]
fn what_cannot_be_signed_is_refused() {
    let operator = Operator::with_shop();
    for (arguments, reason) in [
        (["a=1"].as_slice(), "whose secret?"),
        (&["a=1", "--client", "till"], "there is no client till"),
        (&["a=1", "--secret", "s", "--client", "shop"], "cannot be used with"),
        (&["a=1", "a=2", "--secret", "s"], "a is given more than once"),
        (&["client_secret=x", "--secret", "s"], "client_secret is never sent"),
        (&["authcode=x", "--secret", "s"], "leave it out"),
        (&["novalue", "--secret", "s"], "a name and a value"),
        (&["a=1", "--secret", "s", "--interface", "other"], "no such interface"),
        (&["a=1", "--secret", "s", "--url", "ftp://x"], "http:// or https://"),
    ] {
        let said = operator.is_refused(&[&["sign"], arguments].concat());
        assert!(said.contains(reason), "{arguments:?}: {said}");
    }
    operator.does(&["client", "set", "--code", "shop", "--no-secret"]);
    assert!(operator.is_refused(&["sign", "--client", "shop"]).contains("has no secret"));
}
