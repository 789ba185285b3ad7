//! Cards: from an access token into a tester's hand, and codes by the hundred thousand.

use std::collections::BTreeSet;
use std::process::{Child, Command, Stdio};

use serde_json::{Value, json};
use wxgate_sandbox::{
    APP_ID, AppChange, CardReceipt, CardShown, CardStatus, Control, Fault, NewMedia, Rule, Sample,
};
use wxgate_tests::{Gateway, Pairing, Plan, wxgate};

use crate::support::{TOKENS_ARE_OLD, calls, until};

/// The sample of WeChat's document.
const SAMPLE: &str = include_str!("../../../cli/src/card/hello/sample.json");

const CREATE: &str = "/card/create";
const QRCODE: &str = "/card/qrcode/create";
const TESTERS: &str = "/card/testwhitelist/set";
const DEPOSIT: &str = "/card/code/deposit";
const CHECK: &str = "/card/code/checkcode";
const TESTER: &str = "oSandboxUser01";

/// All that WeChat's card section says a refusal may be, but for what is for the moment only.
const REFUSALS: [i64; 44] = [
    40005, 40009, 40013, 40031, 40053, 40056, 40071, 40072, 40073, 40075, 40078, 40079, 40080, 40099, 40100,
    40107, 40109, 40110, 40111, 40112, 40116, 40122, 40124, 40127, 40136, 40146, 40147, 41011, 41012, 41013,
    43008, 43009, 43010, 43011, 45009, 45021, 45022, 45023, 45030, 45031, 45033, 45041, 47001, 48001,
];

crate::on_both_pairings!(
    a_walk_ends_with_a_card_in_a_testers_hand,
    deposited_codes_are_taken_once_their_stock_is_raised
);

/// Files for a walk.
fn pack(gateway: &Gateway) {
    std::fs::write(gateway.folder().join("logo.png"), NewMedia::sample(Sample::Png).bytes).unwrap();
    std::fs::write(gateway.folder().join("card.json"), SAMPLE).unwrap();
}

/// The walk as it is typed.
const WALK: [&str; 10] =
    ["card", "hello", "--app-id", APP_ID, "--logo", "logo.png", "--card", "card.json", "--tester", TESTER];

fn walk(gateway: &Gateway, more: &[&str]) -> (bool, String, String) {
    gateway.try_run(&[&WALK, more].concat())
}

/// A command that is killed as soon as this was seen.
async fn killed(gateway: &Gateway, words: &[&str], what: &str, seen: impl Fn(&Control) -> bool) {
    let mut command = Command::new(wxgate());
    command.args(words).env_clear().envs(gateway.environment().iter().cloned());
    let mut process: Child = command.current_dir(gateway.folder()).stdout(Stdio::null()).spawn().unwrap();
    until(&gateway.wechat, what, seen).await;
    process.kill().unwrap();
    process.wait().unwrap();
}

fn card(wechat: &Control, card_id: &str) -> CardShown {
    wechat.cards(Some(APP_ID)).into_iter().find(|card| card.card_id == card_id).unwrap()
}

async fn a_walk_ends_with_a_card_in_a_testers_hand(pairing: Pairing) {
    let gateway = Plan::new(pairing).start().await;
    pack(&gateway);
    let before = gateway.wechat.cards(Some(APP_ID)).len();
    let unreviewed = AppChange { approves_cards: Some(false), ..AppChange::default() };
    gateway.wechat.change_app(APP_ID, unreviewed).unwrap();

    let (went, _, error) = walk(&gateway, &[]);
    assert!(!went && error.contains("step 4 of 6 (QR code)") && error.contains("40107"), "{error}");
    assert!(error.contains("wait for the approval") && error.contains("goes on from there"), "{error}");
    assert_eq!(calls(&gateway.wechat, TESTERS), 1, "testers are named meanwhile");
    let made =
        gateway.wechat.cards(Some(APP_ID)).into_iter().find(|card| card.card_type == "GROUPON").unwrap();
    gateway.wechat.review_card(APP_ID, &made.card_id, CardStatus::VerifyOk).unwrap();

    let (went, told, error) = walk(&gateway, &[]);
    assert!(went, "{error}");
    let told: Value = serde_json::from_str(&told).unwrap();
    assert_eq!(
        (told["card_id"].as_str(), told["steps"].as_array().unwrap().len()),
        (Some(&*made.card_id), 6)
    );
    assert_eq!(gateway.wechat.cards(Some(APP_ID)).len(), before + 1, "one card is made in all");
    assert_eq!(calls(&gateway.wechat, "/cgi-bin/media/uploadimg"), 1);
    assert!(std::fs::read(gateway.folder().join("card-hello.jpg")).unwrap().starts_with(b"\xff\xd8\xff"));
    assert_eq!(gateway.wechat.qr_codes(Some(APP_ID), 10)[0].url, told["qrcode_url"].as_str().unwrap());

    let receipt = CardReceipt {
        card_id: made.card_id.clone(),
        openid: Some(TESTER.to_owned()),
        ..CardReceipt::default()
    };
    gateway.wechat.receive_card(&receipt).unwrap();
    assert_eq!(card(&gateway.wechat, &made.card_id).taken, 1);
    gateway.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_walk_that_is_killed_goes_on_and_makes_no_second_card() {
    let gateway = Plan::new(Pairing::Embedded).start().await;
    pack(&gateway);
    let hang = |path: &str| Rule::new(Fault::Hang).path(path).times(1);
    gateway.wechat.add_faults([hang(QRCODE)]).unwrap();
    killed(&gateway, &WALK, "a QR code asked for", |wechat| calls(wechat, QRCODE) == 1).await;
    let (went, _, error) = walk(&gateway, &[]);
    assert!(went, "{error}");
    assert_eq!((calls(&gateway.wechat, "/cgi-bin/media/uploadimg"), calls(&gateway.wechat, CREATE)), (1, 1));

    gateway.wechat.add_faults([hang(CREATE).after_effect()]).unwrap();
    let anew = [&WALK[..], &["--anew"]].concat();
    killed(&gateway, &anew, "another card asked for", |wechat| calls(wechat, CREATE) == 2).await;
    let (went, _, error) = walk(&gateway, &[]);
    assert!(!went && error.contains("look into WeChat's console"), "{error}");
    assert_eq!(calls(&gateway.wechat, CREATE), 2);
    gateway.end().await;
}

#[test]
fn without_options_the_walk_is_a_simulated_one_and_goes_through() {
    let folder = tempfile::tempdir().unwrap();
    let output = Command::new(wxgate()).args(["card", "hello"]).current_dir(folder.path()).output().unwrap();
    let told = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{told}{}", String::from_utf8_lossy(&output.stderr));
    for part in
        ["1 of 6", "6 of 6", "█", "The simulated tester oSandboxUser01 scanned it and has the card now"]
    {
        assert!(told.contains(part), "{part} in {told}");
    }
    let left: Vec<_> =
        std::fs::read_dir(folder.path()).unwrap().map(|file| file.unwrap().file_name()).collect();
    assert_eq!(left, ["card-hello.jpg"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_refusal_is_answered_with_what_to_do() {
    let gateway = Plan::new(Pairing::Embedded).start().await;
    pack(&gateway);
    for errcode in REFUSALS {
        says_what_to_do(&gateway, &["--anew"], CREATE, errcode);
    }
    // The other steps, and a card that is there already.
    for (path, errcode) in [
        ("/cgi-bin/media/uploadimg", 40009),
        ("/cgi-bin/media/uploadimg", 40005),
        (QRCODE, 40053),
        (QRCODE, 40078),
        (TESTERS, 40031),
        (TESTERS, 43008),
    ] {
        says_what_to_do(&gateway, &["--anew"], path, errcode);
    }
    let (went, _, error) = walk(&gateway, &[]);
    assert!(went, "the last walk goes on where it was refused: {error}");
    gateway.end().await;
}

/// Walks into a refusal.
fn says_what_to_do(gateway: &Gateway, more: &[&str], path: &str, errcode: i64) {
    gateway.wechat.add_faults([Rule::new(Fault::Errcode(errcode)).path(path).times(1)]).unwrap();
    let (went, _, error) = walk(gateway, more);
    let told = error.split_once(&format!("WeChat answered {errcode} '")).map(|(_, told)| told);
    let words = told.and_then(|told| told.split_once("'. ")).map_or("", |(_, words)| words);
    let words = words.split("; card-hello.json").next().unwrap();
    assert!(!went && words.len() > 20 && words.contains([':', ';']), "{path} {errcode}: {error}");
    assert!(!words.contains("by itself"), "a walk asks once: {error}");
}

/// Makes a card whose codes are deposited, through the gateway.
async fn deposit_card(gateway: &Gateway) -> String {
    let mut card: Value = serde_json::from_str(SAMPLE).unwrap();
    let base = &mut card["card"]["groupon"]["base_info"];
    base["use_custom_code"] = json!(true);
    base["get_custom_code_mode"] = json!("GET_CUSTOM_CODE_MODE_DEPOSIT");
    base["sku"] = json!({ "quantity": 0 });
    let made = gateway.caller.call("create_card", &[("card_data", &card.to_string())]).await;
    assert_eq!((made.retcode, &made.data["errcode"]), (200, &json!(0)), "{made:?}");
    made.data["card_id"].as_str().unwrap().to_owned()
}

async fn deposited_codes_are_taken_once_their_stock_is_raised(pairing: Pairing) {
    let gateway = Plan::new(pairing).start().await;
    let card_id = deposit_card(&gateway).await;
    let ask = async |interface: &str, more: &[(&str, &str)]| {
        let answer = gateway.caller.call(interface, &[&[("card_id", card_id.as_str())], more].concat()).await;
        assert_eq!((answer.retcode, &answer.data["errcode"]), (200, &json!(0)), "{answer:?}");
        answer.data
    };
    let codes: Vec<String> = (0..5_000).map(|number| format!("e2e{number:05}")).collect();
    let list = json!(codes).to_string();
    let deposited = ask("deposit_card_code", &[("code_list", &list)]).await;
    assert_eq!(deposited["succ_code"], json!(codes));
    let again = ask("deposit_card_code", &[("code_list", &list)]).await;
    assert_eq!((&again["succ_code"], &again["duplicate_code"]), (&json!([]), &json!(codes)));
    assert_eq!(ask("get_deposit_count", &[]).await["count"], 5_000);
    let checked = ask("check_card_code", &[("code_list", &list)]).await;
    assert_eq!((&checked["exist_code"], &checked["not_exist_code"]), (&json!(codes), &json!([])));

    let receipt =
        CardReceipt { card_id: card_id.clone(), openid: Some(TESTER.to_owned()), ..CardReceipt::default() };
    assert!(gateway.wechat.receive_card(&receipt).is_err(), "there is no stock yet");
    ask("modify_card_stock", &[("increase_stock_value", "5000")]).await;
    assert!(codes.contains(&gateway.wechat.receive_card(&receipt).unwrap().code));
    gateway.end().await;
}

/// What can go wrong with either call: before it took effect, and after.
fn faults(path: &str) -> Vec<Rule> {
    let rule = |fault: Fault| Rule::new(fault).path(path).probability(0.03);
    vec![
        rule(Fault::Errcode(-1)),
        rule(Fault::Drop),
        rule(Fault::Status(502)),
        rule(Fault::Drop).after_effect(),
        rule(Fault::Status(502)).after_effect(),
        rule(Fault::Empty).after_effect(),
        rule(Fault::Half),
    ]
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hundred_thousand_codes_go_in_through_faults_and_a_kill_none_lost_and_none_twice() {
    const CODES: usize = 100_000;
    let gateway = Plan::new(Pairing::Embedded).start().await;
    let card_id = deposit_card(&gateway).await;
    let lines = (0..CODES).map(|number| format!("{number:012},shop"));
    let file: Vec<String> = std::iter::once("code,for".to_owned()).chain(lines).collect();
    std::fs::write(gateway.folder().join("codes.csv"), file.join("\n")).unwrap();
    gateway.wechat.add_faults([DEPOSIT, CHECK].iter().flat_map(|path| faults(path))).unwrap();
    // More than a third of the batches: some before the kill, some after it.
    gateway.wechat.spoil_deposits(APP_ID, &card_id, 500).unwrap();
    let words = [
        "card",
        "deposit",
        "--app-id",
        APP_ID,
        "--card-id",
        &card_id,
        "--file",
        "codes.csv",
        "--raise-stock",
    ];

    let a_third = |wechat: &Control| card(wechat, &card_id).deposited > CODES / 3;
    let token_dies_at = async |path: &str| {
        gateway.database.execute(TOKENS_ARE_OLD).await;
        gateway.wechat.add_faults([Rule::new(Fault::Rotate).path(path).times(1)]).unwrap();
    };
    token_dies_at(DEPOSIT).await;
    killed(&gateway, &words, "a third of the codes", a_third).await;
    token_dies_at(CHECK).await;
    let report = gateway.run(&words);
    let of = |name: &str| report[name].as_u64().unwrap();
    let codes = CODES as u64;
    assert_eq!((of("codes"), of("count"), &report["refused"]), (codes, codes, &json!([])));
    assert!(of("noted") > codes / 4 && of("known") > 0, "{report}");
    let done = std::fs::read_to_string(gateway.folder().join(format!("codes.csv.{card_id}.done"))).unwrap();
    assert_eq!(done.lines().skip(1).collect::<BTreeSet<_>>().len(), CODES);
    let card = card(&gateway.wechat, &card_id);
    assert_eq!((card.deposited, card.quantity), (CODES, codes));
    gateway.end().await;
}
