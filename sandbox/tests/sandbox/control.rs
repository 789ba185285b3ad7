//! The controls, over HTTP and in process.

use reqwest::Method;
use serde_json::{Value, json};
use wxgate_sandbox::{APP_ID, CallFilter, MessageFilter, Options, Sandbox};

use crate::play::{Heard, LIMIT, Play, SEND, TOKEN, message, message_with};

impl Play {
    async fn control_at(&self, method: Method, path: &str, body: &Value) -> Heard {
        let url = format!("{}/_sandbox{path}", self.running.url());
        let body = if body.is_null() { String::new() } else { body.to_string() };
        self.hear(self.http.request(method, url).body(body)).await
    }

    async fn shown(&self, path: &str) -> Value {
        let heard = self.control_at(Method::GET, path, &Value::Null).await;
        assert_eq!(heard.status, 200, "{heard:?}");
        heard.json()
    }
}

#[tokio::test]
async fn a_script_over_http_does_what_the_typed_one_does() {
    let play = Play::start();
    let token = play.token().await;
    let script = json!([
        {"app": APP_ID, "path": SEND, "times": 1, "fault": {"errcode": 45009}},
        {"match": {"touser": "oSandboxUser01"}, "times": 1, "fault": "text_plain"},
        {"for_ms": 60_000, "probability": 1.0, "when": "before", "fault": {"delay_ms": 1}},
    ]);
    let added = play.control_at(Method::POST, "/faults", &script).await;
    assert_eq!((added.status, added.json()), (201, json!({"ids": [1, 2, 3]})));
    assert_eq!(play.shown("/faults").await["faults"][0]["fault"], json!({"errcode": 45009}));

    assert_eq!(play.errcode_with(&token).await, 45009);
    assert_eq!(play.send(&token, &message()).await.content_type, "text/plain");
    let left = play.shown("/faults").await;
    assert_eq!((&left["faults"][0]["id"], &left["faults"][1]), (&json!(3), &Value::Null));
    let lifted = play.control_at(Method::DELETE, "/faults/3", &Value::Null).await;
    assert_eq!(lifted.status, 200);
    assert!(play.control().faults().is_empty());
}

#[tokio::test]
async fn a_bad_script_is_refused_with_a_sentence_and_changes_nothing() {
    let play = Play::start();
    let scripts = [
        (json!({"fault": "dorp"}), "unknown variant `dorp`"),
        (json!({"fault": "drop", "pth": "/x"}), "unknown field `pth`"),
        (json!({"times": 1}), "missing field `fault`"),
        (json!({"fault": "drop", "path": "/cgi-bin/nothing"}), "the sandbox has no"),
        (json!({"fault": "drop", "times": 0}), "times: 0"),
        (json!({"fault": "drop", "probability": 1.5}), "probability"),
        (json!({"fault": "drop", "until": 1}), "until is past"),
        (json!({"fault": "drop", "until": 9_999_999_999_999_i64, "for_ms": 1}), "until and for_ms"),
        (json!({"fault": "half", "when": "before"}), "after the effect"),
        (json!({"fault": "drop", "errmsg": "x"}), "errmsg goes with errcode"),
        (json!({"fault": {"status": 99}}), "status lies between"),
        (json!({"fault": {"errcode": 0}}), "errcode 0 is success"),
        (json!({"fault": {"delay_ms": 3_600_001}}), "an hour at most"),
        (json!([{"fault": "drop"}, {"fault": "dorp"}]), "unknown variant"),
        (json!("drop"), "invalid type"),
        (Value::Null, "the body: EOF"),
    ];
    for (script, sentence) in scripts {
        let refused = play.control_at(Method::POST, "/faults", &script).await;
        assert_eq!(refused.status, 400, "{script}");
        let error = refused.json()["error"].as_str().unwrap().to_owned();
        assert!(error.contains(sentence), "{script}: {error}");
    }
    assert!(play.control().faults().is_empty());
}

#[tokio::test]
async fn apps_are_added_shown_and_changed_over_http() {
    let play = Play::start();
    let app = json!({"app_id": "wx2", "secret": "s2", "subscribers": ["oA", "oB"],
        "templates": {"t": {"fields": ["thing1"]}}});
    assert_eq!(play.control_at(Method::POST, "/apps", &app).await.status, 201);
    assert_eq!(play.control_at(Method::POST, "/apps", &app).await.status, 409);
    assert_eq!(play.shown("/apps").await["apps"].as_array().unwrap().len(), 2);

    let change = json!({"secret": "s3", "unfollow": ["oB"], "follow": ["oC"], "forget": ["oA"],
        "limits": {SEND: {"per_day": 5}}, "templates": {"t": null, "u": {}},
        "ip_whitelist": ["127.0.0.1"], "duplicate_answer": "45065"});
    let changed = play.control_at(Method::PATCH, "/apps/wx2", &change).await.json();
    assert_eq!(changed, play.shown("/apps/wx2").await);
    assert_eq!(changed["subscribers"], json!(["oC"]));
    assert_eq!(changed["unfollowers"], json!(["oB"]));
    assert_eq!(changed["templates"], json!({"u": {"fields": null}}));
    assert_eq!(changed["token_lifetime_s"], 7200);
    let lifted = play.control_at(Method::PATCH, "/apps/wx2", &json!({"ip_whitelist": null})).await;
    assert_eq!(lifted.json()["ip_whitelist"], Value::Null);
}

#[tokio::test]
async fn an_unsound_app_or_change_is_refused_and_changes_nothing() {
    let play = Play::start();
    let before = play.shown("/apps").await;
    let requests = [
        (Method::POST, "/apps", json!({"app_id": "", "secret": "s"}), 400),
        (Method::POST, "/apps", json!({"app_id": "wx 2", "secret": "s"}), 400),
        (Method::POST, "/apps", json!({"app_id": "wx2"}), 400),
        (Method::POST, "/apps", json!({"app_id": "wx2", "secret": "s", "token_lifetime_s": 0}), 400),
        (
            Method::POST,
            "/apps",
            json!({"app_id": "wx2", "secret": "s", "subscribers": ["o"], "unfollowers": ["o"]}),
            400,
        ),
        (Method::PATCH, "/apps/wx5andb0x00000001", json!({"limits": {"/x": {}}}), 400),
        (Method::PATCH, "/apps/wx5andb0x00000001", json!({"ip_whitelist": ["nowhere"]}), 400),
        (Method::PATCH, "/apps/wx5andb0x00000001", json!({"subscribers": ["o"]}), 400),
        (Method::PATCH, "/apps/wx2", json!({}), 404),
        (Method::GET, "/apps/wx2", Value::Null, 404),
        (Method::POST, "/apps/wx2/rotate", Value::Null, 404),
        (Method::DELETE, "/faults/7", Value::Null, 404),
        (Method::DELETE, "/faults/seven", Value::Null, 400),
        (Method::POST, "/clock", json!({"advance_ms": -1}), 400),
        (Method::POST, "/clock", json!({"advance_ms": u64::MAX}), 400),
        (Method::GET, "/calls?limit=many", Value::Null, 400),
        (Method::GET, "/calls?user=o", Value::Null, 400),
        (Method::GET, "/nothing", Value::Null, 404),
        (Method::PUT, "/apps", Value::Null, 405),
    ];
    for (method, path, body, status) in requests {
        let refused = play.control_at(method, path, &body).await;
        assert_eq!(refused.status, status, "{path} {body}");
        assert!(refused.json()["error"].is_string(), "{path} {body}");
    }
    assert_eq!(play.shown("/apps").await, before);
}

#[tokio::test]
async fn calls_are_logged_with_what_was_sent_and_answered_but_no_whole_secret() {
    let play = Play::start();
    let token = play.token().await;
    play.send(&token, &message()).await;
    play.send(&token, &message_with("touser", "oNobody")).await;
    play.ask_stable(false).await;

    let calls = play.shown(&format!("/calls?app={APP_ID}&path={SEND}")).await;
    assert_eq!(calls["total"], 2);
    let first = &calls["calls"][0];
    assert_eq!(first["body"], message().to_string());
    assert_eq!(first["query"]["access_token"], format!("{}…", &token[..8]));
    assert_eq!((&first["took_effect"], &first["answer"]["errcode"]), (&json!(true), &json!(0)));
    assert!(first["peer"].as_str().unwrap().starts_with("127.0.0.1:"));
    let second = &calls["calls"][1];
    assert_eq!((&second["took_effect"], &second["answer"]["errcode"]), (&json!(false), &json!(40003)));

    let everything = play.shown("/calls").await.to_string();
    assert!(!everything.contains(&token) && !everything.contains("sandbox-app-secret"));
}

#[tokio::test]
async fn logs_are_narrowed_by_time_user_and_number() {
    let play = Play::start();
    let token = play.token().await;
    play.send(&token, &message()).await;
    play.pass_s(100);
    let since = play.control().clock().now_ms;
    play.send(&token, &message_with("touser", "oSandboxUser02")).await;
    play.send(&token, &message_with("touser", "oSandboxUser02")).await;

    let total = |messages: Value| messages["total"].as_u64().unwrap();
    assert_eq!(total(play.shown(&format!("/messages?since={since}")).await), 2);
    assert_eq!(total(play.shown("/messages?touser=oSandboxUser01").await), 1);
    assert_eq!(total(play.shown("/messages?app=wx2").await), 0);
    assert_eq!(total(play.shown(&format!("/calls?since={since}")).await), 2);
    let newest = play.shown("/messages?limit=1").await;
    assert_eq!((&newest["total"], &newest["messages"][0]["number"]), (&json!(3), &json!(3)));
}

#[tokio::test]
async fn the_logs_keep_the_newest() {
    let listen = ([127, 0, 0, 1], 0).into();
    let running = Sandbox::start(Options { listen, keep: 2, ..Options::default() }).unwrap();
    let play = Play { running, ..Play::start() };
    let token = play.token().await;
    for _ in 0..3 {
        play.send(&token, &message()).await;
    }
    let messages = play.control().messages(&MessageFilter::default());
    assert_eq!((messages.total, messages.forgotten), (2, 1));
    let calls = play.control().calls(&CallFilter::default());
    assert_eq!((calls.total, calls.forgotten), (2, 2));
    assert_eq!(play.control().stats().messages, 3);
}

#[tokio::test]
async fn statistics_count_calls_tokens_messages_and_repeats() {
    let play = Play::start();
    let token = play.token().await;
    for id in ["one", "one", "two"] {
        play.send(&token, &message_with("client_msg_id", id)).await;
    }
    play.errcode_with("INVENTED_ACCESS_TOKEN_1").await;
    play.hear(play.get("/cgi-bin/menu/get")).await;

    let expected = json!({
        "calls": {"(not simulated)": {"http 404": 1}, SEND: {"0": 3, "40001": 1}, TOKEN: {"0": 1}},
        "tokens": {APP_ID: {"ordinary": 1, "stable": 0, "authorizer": 0}},
        "messages": 2,
        "repeats": 1,
    });
    assert_eq!(play.shown("/stats").await, expected);
}

#[tokio::test]
async fn a_reset_brings_back_the_start() {
    let play = Play::start();
    let token = play.token().await;
    play.errcode_with(&token).await;
    play.pass_s(100);
    play.control_at(Method::POST, "/faults", &json!({"fault": {"errcode": -1}})).await;
    play.control_at(Method::POST, "/apps", &json!({"app_id": "wx2", "secret": "s"})).await;
    assert_eq!(play.control_at(Method::POST, "/reset", &Value::Null).await.status, 200);

    assert_eq!(play.control().clock().ahead_ms, 0);
    assert_eq!(play.control().apps().len(), 1);
    assert!(play.control().faults().is_empty() && play.messages().is_empty());
    assert_eq!(play.errcode_with(&token).await, 40001);
    assert_ne!(play.token().await, token);
}

#[tokio::test]
async fn the_help_names_every_control() {
    let play = Play::start();
    let help = play.control_at(Method::GET, "/", &Value::Null).await;
    assert_eq!(help.status, 200);
    let help = String::from_utf8(help.body).unwrap();
    let controls = [
        "apps",
        "faults",
        "clock",
        "calls",
        "messages",
        "stats",
        "reset",
        "cards",
        "components",
        "custom",
        "media",
        "pushes",
        "qrcodes",
        "upyun",
    ];
    for control in controls {
        assert!(help.contains(&format!("/_sandbox/{control}")), "{control}");
    }
    assert!(help.contains(&format!("curl {}/_sandbox/clock", play.running.url())));
}

#[tokio::test]
async fn what_is_not_simulated_says_so() {
    let play = Play::start();
    let unknown = play.hear(play.get("/cgi-bin/menu/get?access_token=x")).await;
    assert_eq!(unknown.status, 404);
    assert!(String::from_utf8(unknown.body).unwrap().contains("does not simulate /cgi-bin/menu/get"));
    let huge = play.hear(play.post(SEND, vec![b'x'; (12 << 20) + 1])).await;
    assert_eq!(huge.status, 413);
}

#[tokio::test]
async fn several_sandboxes_live_side_by_side_and_stop_by_themselves() {
    let (one, two) = (Play::start(), Play::start());
    let token = one.token().await;
    assert_eq!(one.errcode_with(&token).await, 0);
    assert_eq!((one.messages().len(), two.messages().len()), (1, 0));

    let (control, address) = (one.control(), one.running.address());
    one.running.stop().await.unwrap();
    assert!(tokio::net::TcpStream::connect(address).await.is_err());
    assert_eq!(control.messages(&MessageFilter::default()).total, 1);
    assert!(!two.token().await.is_empty());
}

#[tokio::test]
async fn waiting_ends_with_the_awaited_call() {
    let play = Play::start();
    let token = play.token().await;
    let control = play.control();
    let waiting = tokio::spawn(async move {
        control.until(LIMIT, |c| c.messages(&MessageFilter::default()).total == 1).await
    });
    play.errcode_with(&token).await;
    assert!(waiting.await.unwrap());
    assert!(!play.control().until(std::time::Duration::ZERO, |_| false).await);
}

#[test]
fn without_a_runtime_it_says_so() {
    let listen = ([127, 0, 0, 1], 0).into();
    let refused = Sandbox::start(Options { listen, ..Options::default() }).unwrap_err();
    assert!(refused.to_string().contains("runtime"), "{refused}");
}
