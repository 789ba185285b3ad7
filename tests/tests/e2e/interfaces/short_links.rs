//! Short links (3.17, 3.18).

use serde_json::json;
use wxgate_tests::{Gateway, Pairing, Plan, look_at};

use super::{asked, data, is_key};

crate::on_both_pairings!(a_short_link_is_made_visited_counted_and_moved);

const VISITS: &str = "SELECT CAST(SUM(visits) AS BIGINT) FROM short_links";

/// Where a visitor is sent.
async fn leads_to(url: &str) -> Option<String> {
    let page = look_at(url).await;
    assert_eq!(page.status, 302, "{page:?}");
    page.leads_to
}

async fn a_short_link_is_made_visited_counted_and_moved(pairing: Pairing) {
    let gateway = Plan::new(pairing).start().await;
    let params = [("out_id", "poster-7"), ("url", "www.verystar.cn/咖啡?a=1")];
    let request = gateway.caller.sign("generate_tiny_url", &params);
    let link = data(gateway.caller.send(&request).await.unwrap());
    assert_eq!(data(gateway.caller.send(&request).await.unwrap()), link, "the same request, the same link");
    let link = link.as_str().unwrap();
    let digits = link.strip_prefix(&format!("{}/tu/", gateway.caller.base)).unwrap();
    assert!(is_key(digits), "{link}");
    for visits in 1..=2 {
        let target = leads_to(link).await;
        assert_eq!(target.as_deref(), Some("http://www.verystar.cn/%E5%92%96%E5%95%A1?a=1"));
        assert_eq!(gateway.database.number(VISITS).await, visits);
    }

    let params = [("url_val", digits), ("url", "https://verystar.example/new")];
    assert_eq!(asked(&gateway.caller, "update_tiny_url", &params).await, json!(link), "at the same address");
    assert_eq!(leads_to(link).await.as_deref(), Some("https://verystar.example/new"));

    nothing_else_leads_anywhere(&gateway, digits).await;
    gateway.end().await;
}

async fn nothing_else_leads_anywhere(gateway: &Gateway, digits: &str) {
    let unknown = digits.chars().rev().collect::<String>();
    let page = look_at(&format!("{}/tu/{unknown}", gateway.caller.base)).await;
    assert_eq!((page.status, page.leads_to.as_deref()), (404, None), "{page:?}");
    let params = [("url_val", unknown.as_str()), ("url", "https://verystar.example/new")];
    assert_eq!(gateway.caller.call("update_tiny_url", &params).await.retcode, 404);
    let params = [("out_id", "1"), ("url", "javascript:alert(1)")];
    let refused = gateway.caller.call("generate_tiny_url", &params).await;
    assert!(refused.retcode == 400 && refused.msg.contains("url"), "{refused:?}");
}
