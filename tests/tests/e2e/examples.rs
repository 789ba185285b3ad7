//! The clients in `examples/`, each in its own language. They are what is tested here, and the gateway
//! tells every client the same on both pairings: one pairing is enough.

use std::io::Write as _;
use std::os::unix::process::CommandExt as _;
use std::process::{Command, Output, Stdio};

use wxgate_secret::Secret;
use wxgate_signing::{Form, Scheme, WebhookSecret, hmac_sha256, md5};
use wxgate_tests::{Gateway, Pairing, Plan, Post, Receiver, unix_seconds};

use crate::support::reached;

/// What is easily signed in one way and sent in another, or is no JSON unless escaped.
const TEXTS: [&str; 3] = [" 咖&=+%😀\"\\!'()*~-_.\n ", "", "\u{1}\t\u{1f}"];
const USER: &str = "oSandboxUser01";

/// Makes the tests of each example: the program that runs it, its options, the example's file.
macro_rules! in_each_language {
    ($($language:ident: $example:expr),+ $(,)?) => {
        $(mod $language {
            const EXAMPLE: &[&str] = &$example;

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn messages_arrive_signed_by_either_scheme() {
                super::messages_arrive_signed_by_either_scheme(EXAMPLE).await;
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn callbacks_are_believed_and_forgeries_are_not() {
                super::callbacks_are_believed_and_forgeries_are_not(EXAMPLE).await;
            }

            #[test]
            fn an_incomplete_command_is_told_what_there_is() {
                super::an_incomplete_command_is_told_what_there_is(EXAMPLE);
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn a_message_tried_again_is_sent_once() {
                super::a_message_tried_again_is_sent_once(EXAMPLE).await;
            }

            #[test]
            fn a_half_pasted_secret_believes_nobody() {
                super::a_half_pasted_secret_believes_nobody(EXAMPLE);
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn without_an_answer_the_same_request_goes_out_again() {
                super::without_an_answer_the_same_request_goes_out_again(EXAMPLE).await;
            }
        })+
    };
}

in_each_language!(
    bash: ["bash", "client.sh"],
    // Compiled anew each time, which is quicker without the second compiler.
    java: ["java", "-XX:TieredStopAtLevel=1", "Client.java"],
    node: ["node", "client.mjs"],
    php: ["php", "client.php"],
    python: ["python3", "client.py"],
);

/// Without a callback's address, which the examples then send empty.
async fn messages_arrive_signed_by_either_scheme(example: &'static [&'static str]) {
    let gateway = Plan::new(Pairing::Embedded).start().await;
    for scheme in ["md5", "hmac"] {
        let client = Client::added(example, &gateway, scheme).await;
        for text in TEXTS {
            let arrived = || {
                let messages = reached(&gateway.wechat, USER);
                let alike = messages.iter().filter(|message| message.data["thing1"]["value"] == text);
                (messages.len(), alike.count())
            };
            let (all, alike) = arrived();
            let output = client.run(&["send", USER, text], "");
            assert!(output.status.success() && said(&output).ends_with(" succeeded\n"), "{output:?}");
            assert_eq!(arrived(), (all + 1, alike + 1), "{scheme} {text:?}");
        }
    }
    gateway.end().await;
}

async fn callbacks_are_believed_and_forgeries_are_not(example: &'static [&'static str]) {
    let gateway = Plan::new(Pairing::Embedded).start().await;
    for (number, scheme) in (1..).zip(["md5", "hmac"]) {
        let mut client = Client::added(example, &gateway, scheme).await;
        client.settings.push(("CALLBACK_URL", gateway.callback_url()));
        client.settings.push(("CALLBACK_SECRET", gateway.callback_secret.clone()));
        assert!(client.run(&["send", USER, scheme], "").status.success());
        let callback = gateway.receiver.wait_for(number).await.pop().unwrap();

        let output = client.run(&["verify"], &wire(&callback));
        assert!(output.status.success(), "{output:?}");
        assert_eq!(said(&output).trim(), callback.headers["webhook-id"]);
        assert!(client.run(&["verify"], &wire(&one_of_several(&callback))).status.success());
        for (what, forgery) in forgeries(&callback, &gateway.callback_secret) {
            let output = client.run(&["verify"], &wire(&forgery));
            let told = String::from_utf8_lossy(&output.stderr);
            assert!(!output.status.success() && told.starts_with("not believed: "), "{what}: {output:?}");
        }
    }
    gateway.end().await;
}

fn an_incomplete_command_is_told_what_there_is(example: &'static [&'static str]) {
    let client = Client { example, settings: Vec::new() };
    for arguments in [&[] as &[&str], &["send", USER], &["verify", "it"], &["lend", USER, "1"]] {
        let output = client.run(arguments, "");
        let told = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.code() == Some(2) && told.contains("send OPENID TEXT"), "{output:?}");
    }
}

/// As its own words to standard error let whoever runs it do.
async fn a_message_tried_again_is_sent_once(example: &'static [&'static str]) {
    let gateway = Plan::new(Pairing::Embedded).start().await;
    let mut client = Client::added(example, &gateway, "hmac").await;
    let first = client.run(&["send", USER, "once"], "");
    let told = String::from_utf8_lossy(&first.stderr);
    let (id, rest) = told.strip_prefix("REQUEST_ID=").unwrap().split_once('\n').unwrap();
    let job = said(&first).strip_suffix(" succeeded\n").unwrap();
    assert_eq!(rest, format!("accepted as {job}\n"));

    client.settings.push(("REQUEST_ID", id.to_owned()));
    let again = client.run(&["send", USER, "once"], "");

    assert_eq!((&again.stdout, &again.stderr), (&first.stdout, &first.stderr));
    assert_eq!(reached(&gateway.wechat, USER).len(), 1);
    gateway.end().await;
}

/// Anybody knows the key that is in an empty secret, or in this much of one.
fn a_half_pasted_secret_believes_nobody(example: &'static [&'static str]) {
    let mut client = Client { example, settings: Vec::new() };
    for secret in ["", "whsec_", "whsec_AAAA", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"] {
        client.settings = vec![("CALLBACK_SECRET", secret.to_owned())];
        for scheme in [Scheme::Md5, Scheme::HmacSha256] {
            let output = client.run(&["verify"], &wire(&signed_by_anybody(secret, scheme)));
            let told = String::from_utf8_lossy(&output.stderr);
            assert!(!output.status.success() && told.contains("CALLBACK_SECRET"), "{secret}: {output:?}");
        }
    }
}

async fn without_an_answer_the_same_request_goes_out_again(example: &'static [&'static str]) {
    let proxy = Receiver::start();
    proxy.answer_with(502, r#"{"message":"bad gateway"}"#);
    let client = Client { example, settings: settings(&proxy.url, "shop", "shop-secret", "hmac") };
    // A group of its own, since bash has others work for it.
    let mut running =
        client.command(&["send", USER, "again"]).process_group(0).stderr(Stdio::null()).spawn().unwrap();
    proxy.wait_for(1).await;
    proxy.answer(502);
    let posts = proxy.wait_for(3).await;
    let killed =
        Command::new("kill").args(["-s", "KILL", "--", &format!("-{}", running.id())]).status().unwrap();
    assert!(killed.success() && !running.wait().unwrap().success());
    let same = |post: &Post| (&post.uri, &post.body) == (&posts[0].uri, &posts[0].body);
    assert!(posts.iter().all(same), "{posts:?}");
}

/// An example that acts for a client of the gateway.
struct Client {
    example: &'static [&'static str],
    settings: Vec<(&'static str, String)>,
}

impl Client {
    /// A new client that may sign in no other way than this.
    async fn added(example: &'static [&'static str], gateway: &Gateway, scheme: &str) -> Self {
        let caller = gateway.add_client(scheme, wxgate_sandbox::APP_ID, &["--signing", scheme]);
        caller.wait_until_known().await;
        Self { example, settings: settings(&caller.base, scheme, &caller.secret, scheme) }
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let [program, options @ .., file] = self.example else { unreachable!("a program and a file") };
        let mut command = Command::new(program);
        command.args(options).arg(format!("{}/../examples/{file}", env!("CARGO_MANIFEST_DIR")));
        // Java reads its arguments as the locale says.
        command.args(arguments).env("LC_ALL", "C.UTF-8").envs(self.settings.iter().cloned());
        command
    }

    /// Runs it to its end.
    fn run(&self, arguments: &[&str], input: &str) -> Output {
        let mut command = self.command(arguments);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        tokio::task::block_in_place(|| {
            let mut running = command.spawn().unwrap_or_else(|error| {
                panic!("{}: {error}: run the tests through scripts/test", self.example[0])
            });
            running.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
            running.wait_with_output().unwrap()
        })
    }
}

fn settings(base: &str, code: &str, secret: &str, scheme: &str) -> Vec<(&'static str, String)> {
    vec![
        ("GATEWAY_URL", base.to_owned()),
        ("CLIENT_CODE", code.to_owned()),
        ("CLIENT_SECRET", secret.to_owned()),
        ("SIGNING", scheme.to_owned()),
    ]
}

fn said(output: &Output) -> &str {
    str::from_utf8(&output.stdout).unwrap()
}

/// A callback as it came over the wire.
fn wire(post: &Post) -> String {
    let mut lines = vec![format!("POST {} HTTP/1.1", post.uri)];
    lines.extend(post.headers.iter().map(|(name, value)| format!("{name}: {value}")));
    lines.extend([String::new(), post.body.clone()]);
    lines.join("\r\n")
}

/// The callback with one thing changed at a time, and what that is.
fn forgeries(real: &Post, secret: &str) -> Vec<(&'static str, Post)> {
    let body = Post { body: real.body.replace("state=succeeded", "state=cancelled"), ..real.clone() };
    let uri = real.uri.replace(real.authcode(), &"0".repeat(real.authcode().len()));
    let authcode = Post { uri, ..real.clone() };
    let mut signature = real.clone();
    signature.headers.insert("webhook-signature".to_owned(), format!("v1,{}=", "A".repeat(43)));
    let mut time = real.clone();
    time.headers.insert("webhook-timestamp".to_owned(), (unix_seconds() + 1).to_string());
    let secret = WebhookSecret::parse(&Secret::new(secret)).unwrap();
    let lacking = |name: &str| {
        let mut lacking = real.clone();
        lacking.headers.remove(name).unwrap();
        lacking
    };
    let no_authcode = Post { uri: real.uri.split('?').next().unwrap().to_owned(), ..real.clone() };
    vec![
        ("body", body),
        ("authcode", authcode),
        ("signature", signature),
        ("time", time),
        ("an hour old", signed(real, &secret, unix_seconds() - 3600)),
        ("from the future", signed(real, &secret, unix_seconds() + 3600)),
        ("no id", lacking("webhook-id")),
        ("no time", lacking("webhook-timestamp")),
        ("no signature", lacking("webhook-signature")),
        ("no authcode", no_authcode),
    ]
}

/// The callback, rightly signed at this time.
fn signed(real: &Post, secret: &WebhookSecret, at: u64) -> Post {
    let moment = i64::try_from(at).unwrap();
    let signature = secret.sign(&real.headers["webhook-id"], moment, real.body.as_bytes());
    let mut signed = real.clone();
    signed.headers.insert("webhook-timestamp".to_owned(), at.to_string());
    signed.headers.insert("webhook-signature".to_owned(), signature);
    signed
}

/// The callback with signatures by other keys beside its own.
fn one_of_several(real: &Post) -> Post {
    let mut several = real.clone();
    let signature = several.headers.get_mut("webhook-signature").unwrap();
    *signature = format!("v1,{}= {signature} v1a,AAAA", "A".repeat(43));
    several
}

/// A callback that needs no secret to be made.
fn signed_by_anybody(secret: &str, scheme: Scheme) -> Post {
    let body = "job_id=1&state=succeeded";
    let (form, callback_secret) = (Form::parse(body.as_bytes()).unwrap(), Secret::new(secret));
    let authcode = match scheme {
        Scheme::Md5 => md5::authcode(form.pairs(), &callback_secret),
        Scheme::HmacSha256 => hmac_sha256::authcode("callback", form.pairs(), &callback_secret),
    };
    let post = Post {
        uri: format!("/hook?authcode={authcode}"),
        headers: [("webhook-id".to_owned(), "1".to_owned())].into(),
        body: body.to_owned(),
    };
    // HMAC fills keys up with zeros, so this one is the same as none.
    signed(&post, &WebhookSecret::from_bytes(vec![0; 24]).unwrap(), unix_seconds())
}
