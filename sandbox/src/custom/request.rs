//! The body of a customer-service message: its kind, and what that kind requires.

use serde_json::{Map, Value};

use crate::errcode::{
    CONTENT_SIZE, DATA_FORMAT, EMPTY_TEXT, Errcode, INVALID_CARD_ID, INVALID_CHARSET, INVALID_MEDIA_ID,
    INVALID_MESSAGE_TYPE, INVALID_TYPE, INVALID_WEAPP_APPID, INVALID_WEAPP_PAGE, OPENID_MISSING,
    REQUIRED_FIELD_MISSING, Refusal, TOO_MANY_ARTICLES,
};
use crate::incoming::Incoming;
use crate::template::has_unicode_escape;

/// Longest text, in bytes. The document has no number; SDKs say 2048.
const LONGEST_TEXT: usize = 2048;

/// A message that can go out.
pub(super) struct Message<'a> {
    pub(super) touser: &'a str,
    pub(super) msgtype: &'a str,
    /// The card in it.
    pub(super) card_id: Option<&'a str>,
    /// The media in it, by their ids.
    pub(super) media: Vec<&'a str>,
}

/// The fields that a kind requires, and what each one's absence is answered with.
const REQUIRED: &[(&str, &[(&str, Errcode)])] = &[
    ("text", &[("content", EMPTY_TEXT)]),
    ("image", &[("media_id", INVALID_MEDIA_ID)]),
    ("voice", &[("media_id", INVALID_MEDIA_ID)]),
    ("video", &[("media_id", INVALID_MEDIA_ID), ("thumb_media_id", INVALID_MEDIA_ID)]),
    (
        "music",
        &[
            ("musicurl", REQUIRED_FIELD_MISSING),
            ("hqmusicurl", REQUIRED_FIELD_MISSING),
            ("thumb_media_id", INVALID_MEDIA_ID),
        ],
    ),
    ("news", &[]),
    ("mpnews", &[("media_id", INVALID_MEDIA_ID)]),
    ("mpnewsarticle", &[("article_id", REQUIRED_FIELD_MISSING)]),
    ("msgmenu", &[]),
    ("wxcard", &[("card_id", INVALID_CARD_ID)]),
    (
        "miniprogrampage",
        &[
            ("appid", INVALID_WEAPP_APPID),
            ("pagepath", INVALID_WEAPP_PAGE),
            ("thumb_media_id", INVALID_MEDIA_ID),
        ],
    ),
];

pub(super) fn parse(call: &Incoming, refuse_escapes: bool) -> Result<Message<'_>, Refusal> {
    if refuse_escapes && has_unicode_escape(&call.body) {
        return Err(INVALID_CHARSET.into());
    }
    let body = call.json().and_then(Value::as_object).ok_or(DATA_FORMAT)?;
    let touser = call.touser().ok_or(OPENID_MISSING)?;
    let msgtype = call.field("msgtype").ok_or(INVALID_MESSAGE_TYPE)?;
    let part = part(body, msgtype)?;
    check_lists(msgtype, part)?;
    let card_id = part.get("card_id").and_then(Value::as_str).filter(|_| msgtype == "wxcard");
    Ok(Message { touser, msgtype, card_id, media: media(msgtype, part) })
}

/// What `mpnews` names is an article, not one of the media that are uploaded for messages.
fn media<'a>(msgtype: &str, part: &'a Map<String, Value>) -> Vec<&'a str> {
    let fields = if msgtype == "mpnews" { [].as_slice() } else { &["media_id", "thumb_media_id"] };
    fields.iter().filter_map(|name| part.get(*name)?.as_str()).collect()
}

/// The object named like the kind, with everything that the kind requires.
fn part<'a>(body: &'a Map<String, Value>, msgtype: &str) -> Result<&'a Map<String, Value>, Refusal> {
    // Mini programs alone have it.
    if msgtype == "link" {
        return Err(INVALID_TYPE.into());
    }
    let required = REQUIRED.iter().find(|(kind, _)| *kind == msgtype).map(|(_, fields)| fields);
    let required = required.ok_or(INVALID_MESSAGE_TYPE)?;
    let part = body.get(msgtype).and_then(Value::as_object).ok_or(DATA_FORMAT)?;
    let is_missing = |name: &str| part.get(name).and_then(Value::as_str).is_none_or(str::is_empty);
    match required.iter().find(|(name, _)| is_missing(name)) {
        Some((_, errcode)) => Err((*errcode).into()),
        None => Ok(part),
    }
}

fn check_lists(msgtype: &str, part: &Map<String, Value>) -> Result<(), Refusal> {
    let items = |name: &str| part.get(name).and_then(Value::as_array).map_or(0, Vec::len);
    let text = part.get("content").and_then(Value::as_str).unwrap_or_default();
    let errcode = match msgtype {
        "text" if text.len() > LONGEST_TEXT => CONTENT_SIZE,
        "news" if items("articles") > 1 => TOO_MANY_ARTICLES,
        "news" if items("articles") == 0 => REQUIRED_FIELD_MISSING,
        "msgmenu" if items("list") == 0 => REQUIRED_FIELD_MISSING,
        _ => return Ok(()),
    };
    Err(errcode.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn errcode(msgtype: &str, part: &str) -> Option<i64> {
        let body = format!(r#"{{"touser":"o","msgtype":"{msgtype}","{msgtype}":{part}}}"#);
        parse(&Incoming::local("POST", "/", &body), true).err().map(|refusal| refusal.errcode)
    }

    #[test]
    fn each_kind_has_what_it_requires() {
        let long = format!(r#"{{"content":"{}"}}"#, "x".repeat(2049));
        let cases = [
            ("text", r#"{"content":"你好"}"#, None),
            ("text", r#"{"content":""}"#, Some(44004)),
            ("text", &long, Some(45002)),
            ("text", r#"{"content":"\u4e2d"}"#, Some(40033)),
            ("text", r#""content""#, Some(47001)),
            ("image", r#"{"media_id":"m"}"#, None),
            ("voice", "{}", Some(40007)),
            ("video", r#"{"media_id":"m"}"#, Some(40007)),
            ("music", r#"{"musicurl":"u","hqmusicurl":"h","thumb_media_id":"t"}"#, None),
            ("news", r#"{"articles":[{"title":"t"}]}"#, None),
            ("news", r#"{"articles":[{},{}]}"#, Some(45008)),
            ("mpnews", r#"{"media_id":"m"}"#, None),
            ("mpnewsarticle", r#"{"article_id":"a"}"#, None),
            ("msgmenu", r#"{"head_content":"?","list":[{"id":"1","content":"yes"}]}"#, None),
            ("wxcard", r#"{"card_id":"p"}"#, None),
            ("miniprogrampage", r#"{"appid":"wx","pagepath":"p","thumb_media_id":"t"}"#, None),
            ("miniprogrampage", r#"{"appid":"wx","thumb_media_id":"t"}"#, Some(40165)),
            ("link", "{}", Some(45162)),
            ("telepathy", "{}", Some(40008)),
        ];
        for (msgtype, part, expected) in cases {
            assert_eq!(errcode(msgtype, part), expected, "{msgtype} {part}");
        }
    }
}
