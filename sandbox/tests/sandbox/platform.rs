//! Third-party platforms: tickets, tokens, and accounts that authorise them.

use serde_json::{Value, json};
use wxgate_sandbox::{APP_ID, COMPONENT_APP_ID, COMPONENT_SECRET, ComponentChange, PushFilter, Setting};

use crate::play::{Heard, Play, SEND, message};
use crate::receiver::Receiver;

impl Play {
    async fn component(&self, call: &str, token: &str, body: &Value) -> Heard {
        let path = format!("/cgi-bin/component/{call}?component_access_token={token}");
        self.hear(self.post(&path, body.to_string())).await
    }

    async fn ask_component_token(&self, ticket: &str) -> Heard {
        let body = json!({"component_appid": COMPONENT_APP_ID, "component_appsecret": COMPONENT_SECRET,
            "component_verify_ticket": ticket});
        self.hear(self.post("/cgi-bin/component/api_component_token", body.to_string())).await
    }

    pub async fn component_token(&self) -> String {
        let (ticket, _) = self.control().push_ticket(COMPONENT_APP_ID).unwrap();
        let token = self.ask_component_token(&ticket).await.json();
        token["component_access_token"].as_str().unwrap_or_else(|| panic!("{token}")).to_owned()
    }

    async fn refresh(&self, token: &str, refresh_token: &str) -> Heard {
        let body = json!({"component_appid": COMPONENT_APP_ID, "authorizer_appid": APP_ID,
            "authorizer_refresh_token": refresh_token});
        self.component("api_authorizer_token", token, &body).await
    }

    async fn query_auth(&self, token: &str, code: &str) -> Heard {
        let body = json!({"component_appid": COMPONENT_APP_ID, "authorization_code": code});
        self.component("api_query_auth", token, &body).await
    }
}

fn text<'a>(json: &'a Value, name: &str) -> &'a str {
    json[name].as_str().unwrap_or_else(|| panic!("{json}"))
}

#[tokio::test]
async fn a_ticket_brings_a_token_for_twelve_hours() {
    let play = Play::start();
    let (ticket, _) = play.control().push_ticket(COMPONENT_APP_ID).unwrap();
    let told = play.ask_component_token(&ticket).await.json();
    assert!(told.get("errcode").is_none() && told["expires_in"] == 7200, "{told}");
    assert_eq!(play.ask_component_token("ticket@@@none").await.errcode(), 61006);
    play.pass_s(12 * 3600);
    assert_eq!(play.ask_component_token(&ticket).await.errcode(), 61005);
}

#[tokio::test]
async fn each_bad_request_for_a_token_has_its_errcode() {
    let play = Play::start();
    let bodies = [
        (
            json!({"component_appid": "wx0", "component_appsecret": "x", "component_verify_ticket": "t"}),
            61011,
        ),
        (json!({"component_appid": COMPONENT_APP_ID, "component_appsecret": "x"}), 40125),
        (json!({"component_appid": COMPONENT_APP_ID}), 41004),
        (json!({"component_appsecret": COMPONENT_SECRET}), 41018),
        (json!({"component_appid": COMPONENT_APP_ID, "component_appsecret": COMPONENT_SECRET}), 61006),
        (json!("x"), 47001),
    ];
    for (body, errcode) in bodies {
        let heard = play.hear(play.post("/cgi-bin/component/api_component_token", body.to_string())).await;
        assert_eq!(heard.errcode(), errcode, "{body}");
    }
    let body = json!({"component_appid": COMPONENT_APP_ID});
    assert_eq!(play.component("api_create_preauthcode", "", &body).await.errcode(), 41021);
    assert_eq!(play.component("api_create_preauthcode", "INVENTED_TOKEN_01", &body).await.errcode(), 40001);
    let token = play.component_token().await;
    play.pass_s(7200);
    assert_eq!(play.component("api_create_preauthcode", &token, &body).await.errcode(), 42006);
}

#[tokio::test]
async fn an_account_authorises_on_the_page_and_its_token_serves_everywhere() {
    let play = Play::start();
    let token = play.component_token().await;
    let body = json!({"component_appid": COMPONENT_APP_ID});
    let code = play.component("api_create_preauthcode", &token, &body).await.json();
    assert_eq!(code["expires_in"], 1800);
    let page = format!(
        "/cgi-bin/componentloginpage?component_appid={COMPONENT_APP_ID}&pre_auth_code={}\
         &redirect_uri=http%3A%2F%2Fcaller.example%2Fdone%3Fa%3D1&auth_type=1",
        text(&code, "pre_auth_code").replace('@', "%40")
    );
    let shown = play.hear(play.get(&page)).await.text();
    let (_, rest) = shown.split_once(&format!("id=\"{APP_ID}\" href=\"")).unwrap();
    let approve = rest.split('"').next().unwrap().replace("&amp;", "&");
    let back = play.hear(play.get(&approve)).await;
    let back = url::Url::parse(back.location.as_ref().unwrap()).unwrap();
    let back: std::collections::BTreeMap<String, String> = back.query_pairs().into_owned().collect();
    assert_eq!((back["a"].as_str(), back["expires_in"].as_str()), ("1", "600"));
    assert!(play.hear(play.get(&approve)).await.text().contains("was used"));

    let told = play.query_auth(&token, &back["auth_code"]).await.json();
    let info = &told["authorization_info"];
    assert_eq!((&info["authorizer_appid"], &info["expires_in"]), (&json!(APP_ID), &json!(7200)));
    assert_eq!(info["func_info"][0], json!({"funcscope_category": {"id": 1}}));
    assert_eq!(play.query_auth(&token, &back["auth_code"]).await.errcode(), 61009);
    let authorizer_token = text(info, "authorizer_access_token");
    assert_eq!(play.errcode_with(authorizer_token).await, 0);
    assert_eq!(play.ticket(authorizer_token, "jsapi").await.errcode(), 0);
    assert_eq!(play.control().stats().tokens[APP_ID].authorizer, 1);
}

#[tokio::test]
async fn a_refresh_token_changes_with_each_use() {
    let play = Play::start();
    let token = play.component_token().await;
    let (code, _) = play.control().authorize(COMPONENT_APP_ID, APP_ID).unwrap();
    let first = play.query_auth(&token, &code).await.json();
    let first = text(&first["authorization_info"], "authorizer_refresh_token").to_owned();
    let second = play.refresh(&token, &first).await.json();
    let second = text(&second, "authorizer_refresh_token").to_owned();
    assert_ne!(second, first);

    // Nobody has used the new one yet: whoever lost it may ask again with the old one.
    let third = play.refresh(&token, &first).await.json();
    let third = text(&third, "authorizer_refresh_token").to_owned();
    assert_eq!(play.refresh(&token, &third).await.errcode(), 0);
    assert_eq!(play.refresh(&token, &first).await.errcode(), 61023);
    assert_eq!(play.refresh(&token, &second).await.errcode(), 61023);

    let newest = play.control().authorized(COMPONENT_APP_ID).unwrap()[0].refresh_token.clone();
    let list = json!({"component_appid": COMPONENT_APP_ID, "offset": 0, "count": 100});
    let list = play.component("api_get_authorizer_list", &token, &list).await.json();
    assert_eq!((&list["total_count"], &list["list"][0]["refresh_token"]), (&json!(1), &json!(newest)));
}

#[tokio::test]
async fn without_grace_the_former_refresh_token_ends_at_once() {
    let play = Play::start();
    let change = ComponentChange { refresh_grace_s: Setting::Set(0), ..ComponentChange::default() };
    play.control().change_component(COMPONENT_APP_ID, change).unwrap();
    let token = play.component_token().await;
    play.control().authorize(COMPONENT_APP_ID, APP_ID).unwrap();
    let first = play.control().authorized(COMPONENT_APP_ID).unwrap()[0].refresh_token.clone();
    assert_eq!(play.refresh(&token, &first).await.errcode(), 0);
    assert_eq!(play.refresh(&token, &first).await.errcode(), 61023);
}

#[tokio::test]
async fn an_authorisation_that_was_taken_back_ends_its_tokens() {
    let play = Play::start();
    let token = play.component_token().await;
    let (code, _) = play.control().authorize(COMPONENT_APP_ID, APP_ID).unwrap();
    let told = play.query_auth(&token, &code).await.json();
    let info = &told["authorization_info"];
    let own = play.token().await;
    let taken_back = play.order(&format!("/components/{COMPONENT_APP_ID}/unauthorize"), &json!({})).await;
    assert_eq!(taken_back.status, 200, "{taken_back:?}");

    assert_eq!(play.errcode_with(text(info, "authorizer_access_token")).await, 40001);
    assert_eq!(play.refresh(&token, text(info, "authorizer_refresh_token")).await.errcode(), 61003);
    assert_eq!(play.errcode_with(&own).await, 0);
    assert!(play.control().unauthorize(COMPONENT_APP_ID, APP_ID).is_err());
}

#[tokio::test]
async fn tickets_and_events_are_pushed_encrypted_with_the_platforms_token() {
    let play = Play::start();
    let receiver = Receiver::start();
    let change = ComponentChange {
        event_url: Setting::Set(format!("{}/events", receiver.url)),
        message_url: Setting::Set(format!("{}/messages/$APPID$", receiver.url)),
        ..ComponentChange::default()
    };
    let component = play.control().change_component(COMPONENT_APP_ID, change).unwrap();
    let start = json!({"component_appid": COMPONENT_APP_ID, "component_secret": COMPONENT_SECRET});
    let start = play.post("/cgi-bin/component/api_start_push_ticket", start.to_string());
    assert_eq!(play.hear(start).await.json(), json!({"errcode": 0, "errmsg": "ok"}));
    play.order(&format!("/components/{COMPONENT_APP_ID}/authorize"), &json!({"app": APP_ID})).await;
    play.order(&format!("/components/{COMPONENT_APP_ID}/authorize"), &json!({"app": APP_ID})).await;
    play.order(&format!("/components/{COMPONENT_APP_ID}/unauthorize"), &json!({"app": APP_ID})).await;

    let pushes = play.control().pushes(&PushFilter::default()).entries;
    let told: Vec<&str> = pushes.iter().map(|push| push.what.as_str()).collect();
    assert_eq!(told, ["component_verify_ticket", "authorized", "updateauthorized", "unauthorized"]);
    assert!(pushes[1].xml.contains(&format!("<AuthorizerAppid><![CDATA[{APP_ID}]]></AuthorizerAppid>")));
    play.control().push_ended(pushes[0].number).await;
    for came in receiver.came() {
        assert_eq!((came.path.as_str(), came.element("AppId")), ("/events", COMPONENT_APP_ID));
        let signature = came.signed(&component.token, &[came.element("Encrypt")]);
        assert_eq!(came.query["msg_signature"], signature);
    }
}

#[tokio::test]
async fn messages_of_an_account_that_authorised_go_to_the_platform() {
    let play = Play::start();
    let receiver = Receiver::start();
    let url = Setting::Set(format!("{}/messages/$APPID$", receiver.url));
    let change = ComponentChange { message_url: url, ..ComponentChange::default() };
    play.control().change_component(COMPONENT_APP_ID, change).unwrap();
    play.control().authorize(COMPONENT_APP_ID, APP_ID).unwrap();
    let token = play.token().await;
    play.call(SEND, &token, &message()).await;

    let push = play.control().pushes(&PushFilter::default()).entries.pop().unwrap();
    assert!(play.control().push_ended(push.number).await.unwrap().was_taken());
    let came = receiver.came().pop().unwrap();
    assert_eq!((came.path, came.query["encrypt_type"].as_str()), (format!("/messages/{APP_ID}"), "aes"));
}

#[tokio::test]
async fn platforms_are_added_and_changed_over_http() {
    let play = Play::start();
    let mut component = play.hear(play.get("/_sandbox/components")).await.json()["components"][0].clone();
    assert_eq!(component["component_appid"], COMPONENT_APP_ID);
    assert_eq!(play.order("/components", &component).await.status, 409);
    component["component_appid"] = "wxc2".into();
    assert_eq!(play.order("/components", &component).await.status, 201);
    component["aes_key"] = "short".into();
    component["component_appid"] = "wxc3".into();
    assert_eq!(play.order("/components", &component).await.status, 400);

    let url = format!("{}/_sandbox/components/wxc2", play.running.url());
    let changed = play.hear(play.http.patch(url).body(r#"{"event_url":"http://127.0.0.1:9/e"}"#)).await;
    assert_eq!(changed.json()["event_url"], "http://127.0.0.1:9/e");
    assert_eq!(play.order("/components/wxc3/ticket", &json!({})).await.status, 404);
}
