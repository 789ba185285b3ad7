//! `wxgate card …`.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use crate::operator::{APP, Operator};
use crate::wechat::FakeWeChat;

const SAMPLE: &str = include_str!("../../src/card/hello/sample.json");
const PNG: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01";
const TOKEN: &str = r#"{"access_token":"token-canary","expires_in":7200}"#;
const HELLO: [&str; 8] = ["card", "hello", "--app-id", APP, "--logo", "logo.png", "--card", "card.json"];
const DEPOSIT: [&str; 8] = ["card", "deposit", "--app-id", APP, "--card-id", "p1", "--file", "codes.csv"];

/// An operator whose WeChat answers so, beside tokens; with a logo, a card and ten codes.
fn operator(answer: impl Fn(&str, &str) -> String + Send + 'static) -> Operator {
    let wechat = FakeWeChat::start(move |path, body| {
        if path.starts_with("/cgi-bin/token") { TOKEN.to_owned() } else { answer(path, body) }
    });
    let operator = Operator::with_shop()
        .setting("WXGATE_WECHAT_API_BASE", &wechat.base)
        .setting("WXGATE_WECHAT_MP_BASE", &wechat.base);
    std::fs::write(operator.path("logo.png"), PNG).unwrap();
    std::fs::write(operator.path("card.json"), SAMPLE).unwrap();
    let codes: Vec<String> = (0..10).map(|number| format!("code{number}")).collect();
    std::fs::write(operator.path("codes.csv"), codes.join("\n")).unwrap();
    operator
}

/// What a WeChat answers that refuses nothing of the walk.
fn willing(path: &str) -> String {
    let answer = match path.split('?').next().unwrap() {
        "/cgi-bin/media/uploadimg" => r#"{"url":"http://mmbiz.qpic.cn/INVENTED/0"}"#,
        "/card/create" => r#"{"errcode":0,"errmsg":"ok","card_id":"p1"}"#,
        "/card/qrcode/create" => {
            r#"{"errcode":0,"errmsg":"ok","ticket":"gQ==","url":"http://weixin.qq.com/q/1"}"#
        }
        "/cgi-bin/showqrcode" => "a picture",
        "/card/testwhitelist/set" => r#"{"errcode":0,"errmsg":"ok"}"#,
        unknown => panic!("nobody asks for {unknown}"),
    };
    answer.to_owned()
}

#[test]
fn a_walk_says_what_it_does_and_what_wechat_answered() {
    let told = Arc::new(parking_lot::Mutex::new(Vec::new()));
    let heard = Arc::clone(&told);
    let operator = operator(move |path, body| {
        heard.lock().push((path.split('?').next().unwrap().to_owned(), body.to_owned()));
        willing(path)
    });
    let said = operator.does(&[&HELLO[..], &["--tester", "o1", "o2", "--tester-username", "w1"]].concat());
    for part in [
        "1 of 6  access token",
        "(card/create)",
        r#""card_id":"p1""#,
        "6 of 6  testers",
        "WeChat may refuse: card.groupon.base_info.custom_url_sub_title",
        "█",
    ] {
        assert!(said.contains(part), "{part} in {said}");
    }
    assert!(!said.contains("token-canary"));
    assert_eq!(std::fs::read(operator.path("card-hello.jpg")).unwrap(), b"a picture");
    let told = told.lock();
    let asked = |path: &str| &told.iter().find(|(asked, _)| asked == path).unwrap().1;
    assert!(asked("/card/create").contains(r#""logo_url":"http://mmbiz.qpic.cn/INVENTED/0""#));
    assert_eq!(asked("/card/testwhitelist/set"), r#"{"openid":["o1","o2"],"username":["w1"]}"#);
}

#[test]
fn a_walk_that_was_refused_says_what_to_change_and_goes_on_from_there() {
    let (mended, uploads) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicUsize::new(0)));
    let (is_mended, count) = (Arc::clone(&mended), Arc::clone(&uploads));
    let operator = operator(move |path, _body| {
        count.fetch_add(usize::from(path.starts_with("/cgi-bin/media")), Ordering::Relaxed);
        if path.starts_with("/card/create") && !is_mended.load(Ordering::Relaxed) {
            r#"{"errcode":43009,"errmsg":"custom SN api unauthorized"}"#.to_owned()
        } else {
            willing(path)
        }
    });
    let error = operator.is_refused(&HELLO);
    for part in [
        "step 3 of 6 (card)",
        "WeChat answered 43009",
        "apply for it in WeChat's console",
        "card-hello.json notes",
    ] {
        assert!(error.contains(part), "{part} in {error}");
    }
    mended.store(true, Ordering::Relaxed);
    let end = operator.json(&HELLO);
    assert_eq!((&end["card_id"], &end["steps"][1]["title"]), (&"p1".into(), &"logo".into()));
    assert_eq!(uploads.load(Ordering::Relaxed), 1);

    std::fs::write(operator.path("card.json"), SAMPLE.replace("周末", "周日")).unwrap();
    assert!(operator.is_refused(&HELLO).contains("made of another logo or card file: say --anew"));
    operator.does(&[&HELLO[..], &["--anew"]].concat());
    assert_eq!(uploads.load(Ordering::Relaxed), 2);
}

#[test]
fn a_card_that_was_corrected_is_made_without_beginning_anew() {
    let uploads = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&uploads);
    let operator = operator(move |path, body| {
        count.fetch_add(usize::from(path.starts_with("/cgi-bin/media")), Ordering::Relaxed);
        if path.starts_with("/card/create") && body.contains("132元双人火锅套餐") {
            r#"{"errcode":45021,"errmsg":"some argument may be out of length limit"}"#.to_owned()
        } else {
            willing(path)
        }
    });
    let error = operator.is_refused(&HELLO);
    assert!(error.contains("A field is too long: shorten it"), "{error}");
    std::fs::write(operator.path("card.json"), SAMPLE.replace("132元双人火锅套餐", "双人火锅")).unwrap();
    operator.does(&HELLO);
    assert_eq!(uploads.load(Ordering::Relaxed), 1);
}

#[test]
fn a_busy_wechat_is_asked_again() {
    let asked = AtomicUsize::new(0);
    let operator = operator(move |path, _body| {
        if path.starts_with("/card/create") && asked.fetch_add(1, Ordering::Relaxed) == 0 {
            r#"{"errcode":45061,"errmsg":"please try again"}"#.to_owned()
        } else {
            willing(path)
        }
    });
    let said = operator.does(&HELLO);
    assert!(said.contains("WeChat answered 45061 'please try again': asking again in 1 s"), "{said}");
}

#[test]
fn what_is_tried_no_more_is_not_said_to_be_tried_by_itself() {
    let operator = operator(|path, _body| {
        if path.starts_with("/card/create") {
            r#"{"errcode":-1,"errmsg":"system error"}"#.to_owned()
        } else {
            willing(path)
        }
    });
    let error = operator.is_refused(&HELLO);
    assert!(error.contains("-1 'system error', 4 times in a row: give it some time"), "{error}");
    assert!(!error.contains("by itself"), "{error}");
}

#[test]
fn a_stock_that_wechat_is_too_busy_to_raise_is_raised_a_moment_later() {
    let (keep, asked) = (keeper(&[]), AtomicUsize::new(0));
    let operator = operator(move |path, body| {
        if path.starts_with("/card/modifystock") && asked.fetch_add(1, Ordering::Relaxed) == 0 {
            r#"{"errcode":45061,"errmsg":"please try again"}"#.to_owned()
        } else {
            keep(path, body)
        }
    });
    let report = operator.json(&[&DEPOSIT[..], &["--raise-stock"]].concat());
    assert_eq!(report["stock"]["raised_by"], 6);
}

#[test]
fn another_code_is_handed_out_by_another_qr_code() {
    let asked = Arc::new(parking_lot::Mutex::new(Vec::new()));
    let heard = Arc::clone(&asked);
    let operator = operator(move |path, body| {
        if path.starts_with("/card/qrcode") {
            let body: serde_json::Value = serde_json::from_str(body).unwrap();
            heard.lock().push(body["action_info"]["card"]["code"].as_str().map(str::to_owned));
        }
        willing(path)
    });
    for code in [&[][..], &["--code", "0001"], &["--code", "0001"], &["--code", "0002"]] {
        operator.does(&[&HELLO, code].concat());
    }
    assert_eq!(*asked.lock(), [None, Some("0001".to_owned()), Some("0002".to_owned())]);
}

#[test]
fn a_card_that_may_be_there_is_not_made_again_by_itself() {
    let operator =
        operator(|path, _body| if path.starts_with("/card/create") { String::new() } else { willing(path) });
    assert!(operator.is_refused(&HELLO).contains("cannot be read"));
    let error = operator.is_refused(&HELLO);
    assert!(error.contains("look into WeChat's console") && error.contains("--anew"), "{error}");
    // Noted by hand, as the sentence says.
    let notes = std::fs::read_to_string(operator.path("card-hello.json")).unwrap();
    let by_hand = notes.replace("\"card_id\": null", "\"card_id\": \"p7\"");
    std::fs::write(operator.path("card-hello.json"), by_hand).unwrap();
    assert_eq!(operator.json(&HELLO)["card_id"], "p7");
}

#[test]
fn a_success_without_an_id_leaves_the_card_in_doubt() {
    let asked = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&asked);
    let operator = operator(move |path, _body| {
        if path.starts_with("/card/create") && count.fetch_add(1, Ordering::Relaxed) == 0 {
            r#"{"errcode":0,"errmsg":"ok"}"#.to_owned()
        } else {
            willing(path)
        }
    });
    for said in ["WeChat's answer has no card_id", "an earlier walk asked for this card"] {
        let error = operator.is_refused(&HELLO);
        for part in [said, "look into WeChat's console", "--anew"] {
            assert!(error.contains(part), "{part} in {error}");
        }
        assert!(!error.contains("goes on from there"), "{error}");
    }
    assert_eq!(asked.load(Ordering::Relaxed), 1);
}

#[test]
fn testers_are_named_while_the_card_waits_for_its_approval() {
    let named = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&named);
    let operator = operator(move |path, body| {
        if path.starts_with("/card/testwhitelist") {
            assert_eq!(body, r#"{"username":["w1"]}"#, "a list that was not given is not sent");
            count.fetch_add(1, Ordering::Relaxed);
        }
        match path.split('?').next().unwrap() {
            "/card/qrcode/create" => r#"{"errcode":40107,"errmsg":"invalid card status"}"#.to_owned(),
            "/cgi-bin/showqrcode" => panic!("there is no QR code"),
            _ => willing(path),
        }
    });
    let error = operator.is_refused(&[&HELLO[..], &["--tester-username", "w1"]].concat());
    for part in ["step 4 of 6 (QR code)", "40107", "goes on from there"] {
        assert!(error.contains(part), "{part} in {error}");
    }
    assert_eq!(named.load(Ordering::Relaxed), 1);
}

#[test]
fn what_is_wrong_is_said_before_wechat_is_asked_for_a_card() {
    let operator = operator(|path, _body| panic!("nobody should ask for {path}"));
    std::fs::write(operator.path("card.json"), SAMPLE.replace("\"title\"", "\"titel\"")).unwrap();
    let error = operator.is_refused(&HELLO);
    assert!(
        error.contains("correct the card in card.json: card.groupon.base_info.title is missing"),
        "{error}"
    );
    std::fs::write(operator.path("card.json"), format!("\u{feff}{SAMPLE}")).unwrap();
    let eleven = ["o"; 11];
    let error = operator.is_refused(&[&HELLO[..], &["--tester"], &eleven[..]].concat());
    assert!(error.contains("10 testers at most"), "{error}");
    std::fs::write(operator.path("logo.png"), b"GIF89a").unwrap();
    let error = operator.is_refused(&[&HELLO[..], &["--anew"]].concat());
    assert!(error.contains("step 2 of 6 (logo)") && error.contains("none of these: jpg, png"), "{error}");
    let unknown = HELLO.map(|word| if word == APP { "wx-unknown" } else { word });
    assert!(
        operator.is_refused(&[&unknown[..], &["--anew"]].concat()).contains("there is no app wx-unknown")
    );
    assert!(operator.is_refused(&["card", "hello", "--app-id", APP]).contains("--logo"));
    assert!(operator.is_refused(&["card", "hello", "--anew"]).contains("--app-id"));
}

/// The codes of a batch.
fn codes(body: &str) -> Vec<String> {
    let body: serde_json::Value = serde_json::from_str(body).unwrap();
    body["code"].as_array().unwrap().iter().map(|code| code.as_str().unwrap().to_owned()).collect()
}

/// A WeChat that keeps codes, of a card with a stock of 4, and refuses whole batches for the sake of the codes
/// that are `wrong`, also when it is asked whether they are there.
fn keeper(wrong: &'static [&'static str]) -> impl Fn(&str, &str) -> String + Send + 'static {
    let kept = parking_lot::Mutex::new(std::collections::BTreeSet::new());
    move |path, body| {
        let mut kept = kept.lock();
        let path = path.split('?').next().unwrap();
        let is_asked_of_codes = matches!(path, "/card/code/deposit" | "/card/code/checkcode");
        if is_asked_of_codes && codes(body).iter().any(|code| wrong.contains(&code.as_str())) {
            return r#"{"errcode":40116,"errmsg":"invalid code"}"#.to_owned();
        }
        match path {
            "/card/code/deposit" => kept.extend(codes(body)),
            "/card/code/checkcode" => {
                let (there, missing): (Vec<String>, Vec<String>) =
                    codes(body).into_iter().partition(|code| kept.contains(code));
                return serde_json::json!({"errcode": 0, "exist_code": there, "not_exist_code": missing})
                    .to_string();
            }
            "/card/code/getdepositcount" => return format!(r#"{{"errcode":0,"count":{}}}"#, kept.len()),
            "/card/get" => {
                return r#"{"errcode":0,"card":{"card_type":"GIFT","gift":{"base_info":{"sku":{"total_quantity":4}}}}}"#.to_owned();
            }
            "/card/modifystock" => assert!(body.contains(r#""increase_stock_value":6"#), "{body}"),
            unknown => panic!("nobody asks for {unknown}"),
        }
        r#"{"errcode":0,"errmsg":"ok"}"#.to_owned()
    }
}

#[test]
fn codes_are_brought_in_once_and_counted() {
    let operator = operator(keeper(&[]));
    let report = operator.json(&DEPOSIT);
    let of = |name: &str| report[name].as_u64().unwrap();
    assert_eq!((of("codes"), of("new"), of("noted"), of("count")), (10, 10, 0, 10));
    assert_eq!((&report["stock"]["total"], &report["stock"]["short_by"]), (&4.into(), &6.into()));

    let said = operator.does(&[&DEPOSIT[..], &["--raise-stock"]].concat());
    for part in [
        "10 of 10 codes are in, by checkcode: 0 new, 0 were there, 10 from earlier runs",
        "has 10 codes in all",
        "raised by 6, to 10 in all",
    ] {
        assert!(said.contains(part), "{part} in {said}");
    }
}

#[test]
fn a_code_that_wechat_does_not_take_keeps_out_no_other() {
    let operator = operator(keeper(&["code3", "code8"]));
    let said = operator.types(&DEPOSIT);
    assert_eq!(said.code, 1);
    assert!(said.err.contains("2 of 10 codes are not in"), "{}", said.err);
    assert!(
        said.out.contains("8 of 10 codes are in")
            && said.out.contains("code3 is not in: WeChat answered 40116"),
        "{}",
        said.out
    );
    let done = std::fs::read_to_string(operator.path("codes.csv.p1.done")).unwrap();
    assert_eq!(done.lines().count(), 9, "{done}");
    assert!(!done.contains("code3") && done.contains("code4"));
}

#[test]
fn what_was_noted_as_being_in_and_is_not_is_brought_in_after_all() {
    let operator = operator(keeper(&[]));
    let heading = format!("# codes of card p1 of app {APP} that are in\n");
    std::fs::write(operator.path("codes.csv.p1.done"), heading + "code1\ncode2\n").unwrap();
    let report = operator.json(&DEPOSIT);
    let of = |name: &str| report[name].as_u64().unwrap();
    assert_eq!((of("noted"), of("new"), of("known"), of("count")), (0, 10, 0, 10));
}

#[test]
fn what_is_refused_by_name_is_sent_no_second_time() {
    let sent = Arc::new(parking_lot::Mutex::new(Vec::new()));
    let (heard, keep) = (Arc::clone(&sent), keeper(&["code3"]));
    let operator = operator(move |path, body| {
        if path.starts_with("/card/code/deposit") && codes(body).len() == 1 {
            heard.lock().extend(codes(body));
        }
        keep(path, body)
    });
    assert_eq!(operator.types(&DEPOSIT).code, 1);
    let alone = sent.lock().iter().filter(|code| *code == "code3").count();
    assert_eq!(alone, 1);
}

#[test]
fn a_file_of_codes_that_are_mostly_refused_is_given_up() {
    let asked = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&asked);
    let operator = operator(move |path, _body| {
        assert!(path.starts_with("/card/code/deposit"), "nobody should ask for {path}");
        count.fetch_add(1, Ordering::Relaxed);
        r#"{"errcode":40056,"errmsg":"invalid serial code"}"#.to_owned()
    });
    let many: Vec<String> = (0..5_000).map(|number| format!("{number:06}")).collect();
    std::fs::write(operator.path("codes.csv"), many.join("\n")).unwrap();
    let error = operator.is_refused(&DEPOSIT);
    for part in ["most codes are refused", "WeChat answered 40056", "leave it out"] {
        assert!(error.contains(part), "{part} in {error}");
    }
    let asked = asked.load(Ordering::Relaxed);
    assert!(asked < 500, "{asked} calls");
}

#[test]
fn what_the_lists_of_an_answer_leave_out_is_brought_in_again_and_counted_once() {
    let (kept, sent) = (keeper(&[]), Arc::new(parking_lot::Mutex::new(Vec::new())));
    let heard = Arc::clone(&sent);
    let operator = operator(move |path, body| {
        if !path.starts_with("/card/code/deposit") {
            return kept(path, body);
        }
        let batch = codes(body);
        let is_first = heard.lock().is_empty();
        heard.lock().extend(batch.clone());
        // At first it takes all but code1 and code2, and of code2 it says so wrongly; code3 it says to have had.
        let is_kept = |code: &String| !is_first || code != "code1" && code != "code2";
        let (taken, left): (Vec<String>, Vec<String>) = batch.into_iter().partition(is_kept);
        kept(path, &serde_json::json!({ "code": taken }).to_string());
        if !is_first {
            return r#"{"errcode":0,"errmsg":"ok"}"#.to_owned();
        }
        let (duplicate, taken): (Vec<String>, Vec<String>) =
            taken.into_iter().chain(["code2".to_owned()]).partition(|code| code == "code3");
        let failed: Vec<String> = left.into_iter().filter(|code| code != "code2").collect();
        serde_json::json!({
            "errcode": 0, "succ_code": taken, "duplicate_code": duplicate, "fail_code": failed
        })
        .to_string()
    });
    let report = operator.json(&DEPOSIT);
    let of = |name: &str| report[name].as_u64().unwrap();
    assert_eq!((of("codes"), of("new"), of("known"), of("noted"), of("count")), (10, 9, 1, 0, 10));
    let sent = sent.lock();
    let again: Vec<&String> = sent.iter().skip(10).collect();
    assert_eq!(again, ["code1", "code2"], "what is in is not sent again");
}

#[test]
fn a_wechat_that_asks_for_a_long_pause_stops_it_with_what_to_do() {
    let operator = operator(|path, _body| {
        assert!(path.starts_with("/card/code/deposit"), "nobody should ask for {path}");
        r#"{"errcode":45102,"errmsg":"blocked"}"#.to_owned()
    });
    let error = operator.is_refused(&DEPOSIT);
    assert!(error.contains("45102 'blocked': run this again in 10 min"), "{error}");
}

#[test]
fn what_became_of_the_codes_is_told_whatever_becomes_of_the_stock() {
    for (path_of_fault, answer, why) in [
        ("/card/get", r#"{"errcode":0}"#, "the card's stock cannot be read"),
        ("/card/modifystock", r#"{"errcode":40127,"errmsg":"invalid"}"#, "the card's stock was not raised"),
        ("/card/modifystock", "", "whether the card's stock was raised is unknown"),
    ] {
        let keep = keeper(&["code3"]);
        let operator = operator(move |path, body| {
            if path.split('?').next() == Some(path_of_fault) { answer.to_owned() } else { keep(path, body) }
        });
        let said = operator.types(&[&DEPOSIT[..], &["--raise-stock"]].concat());
        assert!(
            said.out.contains("9 of 10 codes are in") && said.out.contains("code3 is not in"),
            "{}",
            said.out
        );
        assert!(said.err.contains("1 of 10 codes are not in") && said.err.contains(why), "{}", said.err);
    }
}

#[test]
fn nothing_is_sent_of_a_file_that_holds_what_is_no_code() {
    let operator = operator(|path, _body| panic!("nobody should ask for {path}"));
    std::fs::write(operator.path("codes.csv"), format!("1\n{}\n", "2".repeat(21))).unwrap();
    let error = operator.is_refused(&DEPOSIT);
    assert!(error.contains("nothing was sent") && error.contains("line 2 is longer"), "{error}");
}

#[test]
fn a_refusal_of_the_card_stops_it_with_what_to_do() {
    let operator = operator(|path, _body| {
        if path.starts_with("/card/code/deposit") {
            r#"{"errcode":40078,"errmsg":"invalid card status"}"#.to_owned()
        } else {
            panic!("nobody should ask for {path}")
        }
    });
    let error = operator.is_refused(&DEPOSIT);
    assert!(error.contains("wait until WeChat has approved") && !error.contains("notes"), "{error}");
    let heading = format!("# codes of card p1 of app {APP} that are in\n");
    std::fs::write(operator.path("codes.csv.p1.done"), heading + "code1\ncode2\n").unwrap();
    let error = operator.is_refused(&DEPOSIT);
    assert!(error.contains("codes.csv.p1.done notes 2 codes as being in"), "{error}");
}
