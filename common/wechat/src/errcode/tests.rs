//! The table, checked against a second list of what follows from which code.

use super::*;

const MINUTE: Duration = Duration::from_mins(1);

/// Every listed code that is not permanent, with its class.
fn exceptional() -> Vec<(i64, Class)> {
    let all = |class: Class, codes: &[i64]| -> Vec<_> { codes.iter().map(|&c| (c, class)).collect() };
    [
        all(Class::Again, &[-1, 45061, 46007, 61450, 61503, 9_001_002]),
        all(Class::AgainAfter(MINUTE), &[45011, 45066]),
        all(Class::AgainAfter(10 * MINUTE), &[45102, 45501, 61005, 61006]),
        all(Class::RefreshToken, &[40001, 40014, 41001, 42001, 42006, 42009]),
        all(Class::Quota, &[45009]),
        all(Class::TooOftenForUser(MINUTE), &[43117]),
        all(Class::AppAtFault, &[40125, 40164, 40243, 48004, 50002, 50007, 61003, 61004, 61023]),
        (89500..=89599).map(|code| (code, Class::AppAtFault)).collect(),
        all(Class::AlreadyDone, &[44007, 45065]),
    ]
    .concat()
}

/// Every listed code that is permanent.
fn permanent() -> impl Iterator<Item = i64> {
    PERMANENT.iter().flat_map(|&(first, last)| first..=last)
}

/// Ranges of codes, both ends included.
#[rustfmt::skip]
const PERMANENT: &[(i64, i64)] = &[
    (-41000, -41000), (40002, 40013), (40029, 40033), (40035, 40039), (40048, 40048), (40052, 40056),
    (40059, 40059), (40066, 40066), (40071, 40073), (40075, 40075), (40078, 40080), (40097, 40097),
    (40099, 40100), (40107, 40107), (40109, 40112), (40116, 40116), (40121, 40122), (40124, 40124),
    (40127, 40127), (40132, 40132), (40136, 40137), (40146, 40147), (40155, 40155), (40163, 40163),
    (40165, 40166), (40249, 40249), (41002, 41013), (41018, 41018), (41021, 41021), (42002, 42003),
    (42005, 42005), (42007, 42007), (43001, 43005), (43008, 43011), (43019, 43019), (43101, 43101),
    (43116, 43116), (44001, 44004), (45001, 45008), (45015, 45015), (45021, 45023), (45028, 45031),
    (45033, 45033), (45040, 45041), (45047, 45047), (45067, 45067), (45072, 45072), (45080, 45081),
    (45087, 45087), (45103, 45103), (45162, 45162), (46001, 46004), (47001, 47003), (48001, 48003),
    (48005, 48006), (48008, 48008), (49003, 49003), (50001, 50001), (50004, 50005), (61007, 61007),
    (61009, 61011), (61014, 61017), (61024, 61024), (61028, 61028), (61451, 61457), (61500, 61500),
    (65400, 65417), (70000, 70000), (87009, 87009), (87014, 87014), (88000, 88000),
    (9_001_001, 9_001_001), (9_410_010, 9_410_012),
];

#[test]
fn each_code_has_exactly_its_class() {
    for (code, class) in exceptional() {
        assert_eq!(classify(Family::AppCall, code), class, "{code}");
    }
    for code in permanent() {
        assert_eq!(classify(Family::AppCall, code), Class::Permanent, "{code}");
    }
}

#[test]
fn the_table_lists_these_codes_and_no_others() {
    let mut expected: Vec<i64> = exceptional().into_iter().map(|(code, _)| code).collect();
    expected.extend(permanent());
    expected.sort_unstable();
    let listed: Vec<i64> = TABLE.iter().flat_map(|row| row.first..=row.last).collect();
    assert_eq!(listed, expected, "the table is also sorted, and has no code twice");
}

#[test]
fn an_unlisted_code_is_permanent() {
    for code in [1, 40000, 41014, 43118, 89600, i64::MAX, i64::MIN] {
        assert_eq!(classify(Family::AppCall, code), Class::Permanent, "{code}");
        assert_eq!(advice(Family::AppCall, code), None, "{code}");
    }
}

#[test]
fn where_tokens_are_fetched_what_is_not_for_later_is_the_apps_fault() {
    for code in [40001, 40013, 40125, 40164, 40243, 41002, 41004, 50004, 50007, 89503, 42001, 77777] {
        assert_eq!(classify(Family::TokenFetch, code), Class::AppAtFault, "{code}");
    }
    assert_eq!(classify(Family::TokenFetch, -1), Class::Again);
    assert_eq!(classify(Family::TokenFetch, 45011), Class::AgainAfter(MINUTE));
    assert_eq!(classify(Family::TokenFetch, 45009), Class::Quota);
}

#[test]
fn where_an_accounts_token_is_fetched_the_platforms_may_have_to_be_renewed() {
    for code in [40001, 40014, 41001, 42001, 42006] {
        assert_eq!(classify(Family::AuthorizerFetch, code), Class::RefreshToken, "{code}");
    }
    for code in [40013, 61003, 61011, 61023, 77777] {
        assert_eq!(classify(Family::AuthorizerFetch, code), Class::AppAtFault, "{code}");
    }
    assert_eq!(classify(Family::AuthorizerFetch, -1), Class::Again);
    assert_eq!(classify(Family::AuthorizerFetch, 61005), Class::AgainAfter(10 * MINUTE));
}

#[test]
fn in_a_login_no_token_is_renewed() {
    for code in [40001, 40014, 42001, 40029, 40163, 42007] {
        assert_eq!(classify(Family::Login, code), Class::Permanent, "{code}");
        assert!(advice(Family::Login, code).is_some_and(|words| words.contains("logs in again")), "{code}");
    }
    assert_eq!(classify(Family::Login, -1), Class::Again);
    assert_eq!(classify(Family::Login, 40125), Class::AppAtFault);
}

#[test]
fn calls_of_a_platform_are_classed_like_those_of_an_app() {
    for row in TABLE {
        assert_eq!(classify(Family::PlatformCall, row.first), classify(Family::AppCall, row.first));
    }
}

#[test]
fn what_says_that_an_account_has_not_authorised_is_the_apps_fault() {
    for code in table::UNAUTHORISED {
        assert!(is_unauthorised(code));
        assert_eq!(classify(Family::AppCall, code), Class::AppAtFault, "{code}");
    }
    assert!(!is_unauthorised(61004) && !is_unauthorised(0));
}

#[test]
fn one_code_says_that_a_card_was_consumed() {
    assert!(is_consumed(40099) && !is_consumed(0) && !is_consumed(40127));
}

#[test]
fn every_code_has_a_sentence_and_a_meaning_in_chinese() {
    for row in TABLE {
        assert!(row.advice.ends_with('.') && row.advice.len() > 10, "{}", row.first);
        assert!(!row.zh.is_ascii(), "{}", row.first);
    }
    assert_eq!(advice_zh(Family::AppCall, -1), Some("微信系统繁忙，将自动重试"));
    assert_ne!(advice_zh(Family::TokenFetch, 40001), advice_zh(Family::AppCall, 40001));
}

/// The codes of WeChat's card section.
const OF_CARDS: [i64; 41] = [
    40005, 40009, 40013, 40031, 40053, 40056, 40071, 40072, 40073, 40075, 40078, 40079, 40080, 40099, 40100,
    40107, 40109, 40110, 40111, 40112, 40116, 40122, 40124, 40127, 40136, 40146, 40147, 41011, 41012, 41013,
    43008, 43009, 43010, 43011, 45021, 45030, 45031, 45033, 45041, 47001, 48001,
];

#[test]
fn every_refusal_of_a_card_says_what_to_do() {
    for code in OF_CARDS {
        let words = advice(Family::AppCall, code).unwrap_or_default();
        let what_to_do = words.split_once(": ").map_or("", |(_, what_to_do)| what_to_do);
        assert!(what_to_do.len() > 10, "{code}: {words}");
    }
}

#[test]
fn the_advice_on_40001_tells_a_wrong_secret_from_an_old_token() {
    assert!(advice(Family::TokenFetch, 40001).is_some_and(|words| words.contains("secret")));
    assert!(advice(Family::AppCall, 40001).is_some_and(|words| words.contains("token")));
}
