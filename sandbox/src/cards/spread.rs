//! Bringing cards to users: QR codes, landing pages, articles, and the list of testers.

use serde_json::{Map, Value, json};
use url::form_urlencoded;

use super::deck::{Deck, Whitelist};
use super::draft::Codes;
use super::{card_id, done, success, text};
use crate::errcode::{
    CARD_NOT_APPROVED, INVALID_ACTION_INFO, INVALID_ACTION_NAME, INVALID_BIND_OPENID, INVALID_OPENID_LIST,
    NO_STOCK, OPENID_LIST_SIZE, REQUIRED_FIELD_MISSING, Refusal, SERIAL_CODE_MISSING,
};
use crate::qrcode;
use crate::reply::Reply;
use crate::session::Session;

/// How long a card's QR code may live, in seconds (documented), and how long it does when nothing is
/// said (365 days).
const LIFE_S: std::ops::RangeInclusive<u64> = 60..=1800;
const USUAL_LIFE_S: u32 = 31_536_000;
/// Testers of one app (documented: 10).
const MOST_TESTERS: usize = 10;
/// Where a landing page can stand.
const SCENES: &[&str] = &[
    "SCENE_NEAR_BY",
    "SCENE_MENU",
    "SCENE_QRCODE",
    "SCENE_ARTICLE",
    "SCENE_H5",
    "SCENE_IVR",
    "SCENE_CARD_CUSTOM_CELL",
];

/// `/card/qrcode/create`.
pub(super) fn qrcode(session: &Session<'_>) -> Result<Reply, Refusal> {
    let account = session.authenticate()?;
    let body = session.body()?;
    let info = body.get("action_info").ok_or(INVALID_ACTION_INFO)?;
    let action_name = check_action(&mut session.state.cards.lock(), &account.id, body, info)?;
    let life_s = life(body)?;
    let made = qrcode::make_for_cards(session, &account.id, action_name, info.clone(), life_s)?;
    let escaped: String = form_urlencoded::byte_serialize(made.ticket.as_bytes()).collect();
    let show = format!("{}/cgi-bin/showqrcode?ticket={escaped}", session.call.base);
    Ok(Reply::done(&success(&json!({
        "ticket": made.ticket,
        "expire_seconds": life_s,
        "url": made.url,
        "show_qrcode_url": show,
    }))))
}

fn check_action(
    deck: &mut Deck,
    app: &str,
    body: &Map<String, Value>,
    info: &Value,
) -> Result<&'static str, Refusal> {
    match text(body, "action_name") {
        Some("QR_CARD") => {
            check_card(deck, app, info.get("card"))?;
            Ok("QR_CARD")
        }
        Some("QR_MULTIPLE_CARD") => {
            let list = info.get("multiple_card").and_then(|cards| cards.get("card_list"));
            let list = list.and_then(Value::as_array).filter(|list| !list.is_empty());
            for card in list.ok_or(INVALID_ACTION_INFO)? {
                check_card(deck, app, Some(card))?;
            }
            Ok("QR_MULTIPLE_CARD")
        }
        _ => Err(INVALID_ACTION_NAME.into()),
    }
}

/// Whether a code can lead to this card.
fn check_card(deck: &mut Deck, app: &str, card: Option<&Value>) -> Result<(), Refusal> {
    let card = card.and_then(Value::as_object).ok_or(INVALID_ACTION_INFO)?;
    let kind = deck.kind(app, card_id(card)?)?;
    let is_unique = card.get("is_unique_code").and_then(Value::as_bool).unwrap_or(false);
    let errcode = if !kind.is_approved() {
        CARD_NOT_APPROVED
    } else if kind.draft.codes == Codes::Custom && text(card, "code").is_none() {
        SERIAL_CODE_MISSING
    } else if kind.draft.bind_openid && text(card, "openid").is_none() {
        INVALID_BIND_OPENID
    } else if is_unique && kind.quantity == 0 {
        NO_STOCK
    } else {
        return Ok(());
    };
    Err(errcode.into())
}

fn life(body: &Map<String, Value>) -> Result<u32, Refusal> {
    match body.get("expire_seconds") {
        None | Some(Value::Null) => Ok(USUAL_LIFE_S),
        Some(value) => {
            let seconds = value.as_u64().filter(|seconds| LIFE_S.contains(seconds));
            let seconds = seconds.and_then(|seconds| u32::try_from(seconds).ok());
            seconds.ok_or_else(|| INVALID_ACTION_INFO.into())
        }
    }
}

/// `/card/landingpage/create`.
pub(super) fn landing_page(session: &Session<'_>) -> Result<Reply, Refusal> {
    let account = session.authenticate()?;
    let body = session.body()?;
    let has_texts = ["banner", "page_title", "scene"].iter().all(|name| text(body, name).is_some());
    if !has_texts || body.get("can_share").and_then(Value::as_bool).is_none() {
        return Err(REQUIRED_FIELD_MISSING.into());
    }
    if !text(body, "scene").is_some_and(|scene| SCENES.contains(&scene)) {
        return Err(INVALID_ACTION_INFO.into());
    }
    let list = body.get("card_list").and_then(Value::as_array).filter(|list| !list.is_empty());
    let mut deck = session.state.cards.lock();
    for card in list.ok_or(REQUIRED_FIELD_MISSING)? {
        let card = card.as_object().ok_or(REQUIRED_FIELD_MISSING)?;
        text(card, "thumb_url").ok_or(REQUIRED_FIELD_MISSING)?;
        deck.kind(&account.id, card_id(card)?)?;
    }
    deck.last_page += 1;
    let url = format!(
        "https://mp.weixin.qq.com/bizmall/cardlandingpage?biz={}&page_id={}&scene=1",
        account.id, deck.last_page
    );
    Ok(Reply::done(&success(&json!({"url": url, "page_id": deck.last_page}))))
}

/// `/card/mpnews/gethtml`; the document's sample lacks the closing tag, too.
pub(super) fn html(session: &Session<'_>) -> Result<Reply, Refusal> {
    let account = session.authenticate()?;
    let kind = session.state.cards.kind(&account.id, card_id(session.body()?)?)?;
    let content = format!(
        "<iframe class=\"res_iframe card_iframe js_editor_card\" data-src=\"http://mp.weixin.qq.com/bizmall/\
         appmsgcard?action=show&biz={}&cardid={}&wechat_card_js=1#wechat_redirect\">",
        account.id, kind.card_id
    );
    Ok(Reply::unchanged(&success(&json!({ "content": content }))))
}

/// `/card/testwhitelist/set`: the whole list each time.
pub(super) fn whitelist(session: &Session<'_>) -> Result<Reply, Refusal> {
    let account = session.authenticate()?;
    let body = session.body()?;
    let (openids, usernames) = (names(body, "openid")?, names(body, "username")?);
    if openids.len() + usernames.len() > MOST_TESTERS {
        return Err(OPENID_LIST_SIZE.into());
    }
    let app = account.app();
    if !openids.iter().all(|openid| app.knows(openid)) {
        return Err(INVALID_OPENID_LIST.into());
    }
    let list = Whitelist { openids: openids.into_iter().map(str::to_owned).collect() };
    session.state.cards.lock().whitelists.insert(account.id.clone(), list);
    Ok(done())
}

fn names<'a>(body: &'a Map<String, Value>, field: &str) -> Result<Vec<&'a str>, Refusal> {
    let Some(list) = body.get(field) else { return Ok(Vec::new()) };
    let names = list.as_array().ok_or(INVALID_OPENID_LIST)?;
    names.iter().map(|name| name.as_str().ok_or_else(|| INVALID_OPENID_LIST.into())).collect()
}
