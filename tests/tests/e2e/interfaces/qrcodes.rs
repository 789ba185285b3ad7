//! QR codes (3.19).

use serde_json::{Value, json};
use wxgate_tests::{Gateway, Pairing, Plan, fetch};

use super::{asked, data, text};

crate::on_both_pairings!(each_kind_of_qr_code_is_made_with_its_picture);

async fn each_kind_of_qr_code_is_made_with_its_picture(pairing: Pairing) {
    let gateway = Plan::new(pairing).start().await;
    for (kind, scene, expires, expected) in [
        ("QR_SCENE", "123", "1800", json!({ "scene_id": 123 })),
        ("QR_STR_SCENE", "门店一", "1800", json!({ "scene_str": "门店一" })),
        ("QR_LIMIT_SCENE", "7", "", json!({ "scene_id": 7 })),
        ("QR_LIMIT_STR_SCENE", "poster", "", json!({ "scene_str": "poster" })),
    ] {
        let params = [("scene_id", scene), ("qrcode_type", kind), ("expire_seconds", expires)];
        let request = gateway.caller.sign("generate_qrcode", &params);
        let made = data(gateway.caller.send(&request).await.unwrap());
        is_documented(&made, expires.parse().ok());
        assert_eq!(
            data(gateway.caller.send(&request).await.unwrap()),
            made,
            "the same request, the same code"
        );
        is_the_newest(&gateway, &made, kind, &json!({ "scene": expected }));
        let picture = fetch(text(&made, "show_qrcode_url")).await;
        assert_eq!(picture.headers()["content-type"], "image/jpg");
    }
    assert_eq!(gateway.wechat.qr_codes(None, 10).len(), 4);
    let without_scene = [("scene_id", "0"), ("qrcode_type", "QR_SCENE"), ("expire_seconds", "1800")];
    let refused = gateway.caller.call("generate_qrcode", &without_scene).await;
    assert!(refused.retcode == 400 && refused.msg.contains("scene_id"), "{refused:?}");
    let wechats_default = [("scene_id", ""), ("qrcode_type", "QR_LIMIT_STR_SCENE"), ("expire_seconds", "")];
    text(&asked(&gateway.caller, "generate_qrcode", &wechats_default).await, "ticket");
    gateway.end().await;
}

/// The document's fields; permanent codes have no end.
fn is_documented(made: &Value, expires: Option<i64>) {
    let [ticket, url, show] = ["ticket", "url", "show_qrcode_url"].map(|name| text(made, name));
    let mut documented = json!({ "errcode": 0, "errmsg": "ok", "ticket": ticket, "url": url,
        "show_qrcode_url": show });
    if let Some(seconds) = expires {
        documented["expire_seconds"] = seconds.into();
    }
    assert_eq!(*made, documented);
    let encoded = ticket.replace('=', "%3D");
    assert!(show.ends_with(&format!("/cgi-bin/showqrcode?ticket={encoded}")), "{show}");
}

fn is_the_newest(gateway: &Gateway, made: &Value, kind: &str, action_info: &Value) {
    let newest = gateway.wechat.qr_codes(None, 1).remove(0);
    assert_eq!((newest.ticket.as_str(), newest.action_name.as_str()), (text(made, "ticket"), kind));
    assert_eq!(newest.action_info, *action_info);
}
