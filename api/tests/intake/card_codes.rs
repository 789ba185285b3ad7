//! Codes of the merchant's own: any number with one call.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::fake_wechat::{FakeWeChat, Reply};
use crate::request::Request;
use crate::support::TestGateway;

const DEPOSIT: &str = "/card/code/deposit";
const CHECK: &str = "/card/code/checkcode";
const CARD: &str = "pFS7Fjg8kV1IdDz01r4SQwMkuCKc";

fn codes(numbers: std::ops::Range<u32>) -> Vec<String> {
    numbers.map(|number| format!("{number:012}")).collect()
}

fn request(interface: &'static str, codes: &[String]) -> Request {
    Request::to(interface).with("card_id", CARD).with("code_list", json!(codes))
}

fn texts(list: &Value) -> BTreeSet<String> {
    list.as_array().unwrap().iter().map(|code| code.as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn one_batch_is_handed_on_as_it_is() {
    for (interface, path, answer) in [
        ("deposit_card_code", DEPOSIT, r#"{"errcode":0 ,"errmsg":"ok","succ_code":["1"]}"#),
        ("deposit_card_code", DEPOSIT, r#"{"errcode":40109,"errmsg":"over 100"}"#),
        ("check_card_code", CHECK, r#"{"errcode":0,"errmsg":"ok","exist_code":[],"not_exist_code":["1"]}"#),
    ] {
        let wechat = FakeWeChat::that_says(path, answer).await;
        let gateway = TestGateway::start_against(&wechat).await;
        let hundred = codes(0..100);
        let body = gateway.send(&request(interface, &hundred).post()).await.body;
        assert_eq!(body, format!(r#"{{"retcode":200,"data":{answer},"msg":""}}"#));
        assert_eq!(wechat.asked_once(path).json(), json!({"card_id": CARD, "code": hundred}));
    }
}

#[tokio::test]
async fn more_go_in_batches_of_a_hundred_and_are_summed_up() {
    let wechat = FakeWeChat::that_says(DEPOSIT, r#"{"errcode":0,"errmsg":"ok"}"#).await;
    let first = r#"{"errcode":0,"succ_code":["000000000001"],"duplicate_code":["000000000002"]}"#;
    wechat.says_first(DEPOSIT, first);
    let gateway = TestGateway::start_against(&wechat).await;
    let all = codes(0..301);
    let data = gateway.answered(&request("deposit_card_code", &all)).await;
    let asked = wechat.asked(DEPOSIT);
    let sizes: BTreeSet<usize> =
        asked.iter().map(|asked| asked.json()["code"].as_array().unwrap().len()).collect();
    assert_eq!((asked.len(), sizes), (4, [1, 100].into()));
    assert_eq!(data["errcode"], 0);
    let lists = ["succ_code", "duplicate_code", "fail_code"].map(|list| texts(&data[list]));
    assert_eq!(lists.iter().map(BTreeSet::len).sum::<usize>(), 301);
    assert_eq!(lists.concat_all(), all.into_iter().collect());
}

/// All of several sets.
trait ConcatAll {
    fn concat_all(&self) -> BTreeSet<String>;
}

impl ConcatAll for [BTreeSet<String>] {
    fn concat_all(&self) -> BTreeSet<String> {
        self.iter().flatten().cloned().collect()
    }
}

#[tokio::test]
async fn a_batch_that_is_refused_holds_up_no_other_and_its_codes_are_named() {
    let wechat = FakeWeChat::that_says(DEPOSIT, r#"{"errcode":0,"errmsg":"ok"}"#).await;
    wechat.says_first(DEPOSIT, r#"{"errcode":-1,"errmsg":"system error"}"#);
    let gateway = TestGateway::start_against(&wechat).await;
    let data = gateway.answered(&request("deposit_card_code", &codes(0..300))).await;
    assert_eq!((&data["errcode"], &data["errmsg"]), (&json!(-1), &json!("system error")));
    assert_eq!((texts(&data["succ_code"]).len(), texts(&data["fail_code"]).len()), (200, 100));
}

#[tokio::test]
async fn a_batch_without_an_answer_may_be_in_and_the_same_request_does_it_again() {
    let wechat = FakeWeChat::start().await;
    wechat.replies(DEPOSIT, Reply::Breaks);
    let gateway = TestGateway::start_against(&wechat).await;
    let request = request("deposit_card_code", &codes(0..300));
    gateway.refused(&request, 504, "repeat this same signed request").await;
    wechat.says(DEPOSIT, r#"{"errcode":0,"errmsg":"ok"}"#);
    assert_eq!(texts(&gateway.answered(&request).await["succ_code"]).len(), 300);
}

#[tokio::test]
async fn once_a_batch_is_in_every_code_has_its_own_word() {
    for (rest, unsaid, said) in
        [(Reply::Status(429), "fail_code", None), (Reply::Breaks, "unknown_code", Some("fail_code"))]
    {
        let wechat = FakeWeChat::start().await;
        wechat.replies(DEPOSIT, rest);
        wechat.says_first(DEPOSIT, r#"{"errcode":0,"errmsg":"ok"}"#);
        let gateway = TestGateway::start_against(&wechat).await;
        let request = request("deposit_card_code", &codes(0..300));
        let data = gateway.answered(&request).await;
        assert_eq!(data["errcode"], -1);
        assert!(data["errmsg"].as_str().unwrap().contains("in a new request"), "{data}");
        assert_eq!((texts(&data["succ_code"]).len(), texts(&data[unsaid]).len()), (100, 200));
        assert!(said.is_none_or(|list| texts(&data[list]).is_empty()));
        assert_eq!(gateway.answered(&request).await, data, "the same request has the same answer");

        wechat.says(DEPOSIT, r#"{"errcode":0,"errmsg":"ok"}"#);
        let rest: Vec<String> = texts(&data[unsaid]).into_iter().collect();
        let data = gateway.answered(&self::request("deposit_card_code", &rest)).await;
        assert_eq!((data["errcode"].as_i64(), texts(&data["succ_code"]).len()), (Some(0), 200));
    }
}

#[tokio::test]
async fn a_wechat_that_answers_nothing_is_not_asked_for_all_of_a_long_list() {
    let wechat = FakeWeChat::start().await;
    wechat.replies(DEPOSIT, Reply::Status(429));
    let gateway = TestGateway::start_against(&wechat).await;
    let request = request("deposit_card_code", &codes(0..20_000));
    gateway.refused(&request, 502, "nothing took effect").await;
    let asked = wechat.asked(DEPOSIT).len();
    assert!((16..=32).contains(&asked), "{asked}");
}

#[tokio::test]
async fn as_many_codes_as_fit_into_a_request_go_in_with_one_call() {
    let wechat = FakeWeChat::that_says(DEPOSIT, r#"{"errcode":0,"errmsg":"ok"}"#).await;
    let gateway = TestGateway::start_against(&wechat).await;
    let many: Vec<String> = (0..40_000).map(|number| format!("{number:06}")).collect();
    let data = gateway.answered(&request("deposit_card_code", &many)).await;
    assert_eq!(texts(&data["succ_code"]), many.into_iter().collect());
    assert_eq!(wechat.asked(DEPOSIT).len(), 400);
}

#[tokio::test]
async fn checking_is_summed_up_too_and_takes_no_effect() {
    let wechat = FakeWeChat::that_says(CHECK, r#"{"errcode":0,"exist_code":["000000000000"]}"#).await;
    let gateway = TestGateway::start_against(&wechat).await;
    let request = request("check_card_code", &codes(0..150));
    let data = gateway.answered(&request).await;
    assert_eq!(texts(&data["exist_code"]), ["000000000000".to_owned()].into());
    assert_eq!(texts(&data["not_exist_code"]).len(), 149);
    wechat.says_first(CHECK, r#"{"errcode":-1,"errmsg":"system error"}"#);
    let data = gateway.answered(&request).await;
    assert_eq!(data["errcode"], -1);
    let lists = ["exist_code", "not_exist_code", "unknown_code"].map(|list| texts(&data[list]));
    assert_eq!(lists.concat_all(), codes(0..150).into_iter().collect());
    wechat.replies(CHECK, Reply::Breaks);
    gateway.refused(&request, 502, "nothing took effect").await;
}

#[tokio::test]
async fn a_list_that_can_be_no_list_of_codes_is_refused() {
    let gateway = TestGateway::start().await;
    let of = |list: &str| Request::to("deposit_card_code").with("card_id", CARD).with("code_list", list);
    for (list, why) in [
        ("[]", "must be a JSON array"),
        ("[1]", "must be a JSON array"),
        (r#"{"code":["1"]}"#, "must be a JSON array"),
        (r#"["1",""]"#, "code 2 is blank"),
        (r#"["1","2","1"]"#, "code 3 occurs before"),
        (r#"["1","123456789012345678901"]"#, "code 2 is longer than 20 characters"),
        (r#"["1","2\t3"]"#, "code 2 has a control character in it"),
    ] {
        gateway.refused(&of(list), 400, why).await;
    }
}

#[tokio::test]
async fn deposited_codes_are_counted() {
    let wechat = FakeWeChat::that_says("/card/code/getdepositcount", r#"{"errcode":0,"count":123}"#).await;
    let gateway = TestGateway::start_against(&wechat).await;
    let data = gateway.answered(&Request::to("get_deposit_count").with("card_id", CARD)).await;
    assert_eq!(data, json!({"errcode": 0, "count": 123}));
    assert_eq!(wechat.asked_once("/card/code/getdepositcount").json(), json!({"card_id": CARD}));
}
