//! WeChat's return codes and their texts, as far as the sandbox gives them of itself or a script
//! is likely to ask for them, and [`Refusal`], the answer that carries one.

use std::borrow::Cow;

use serde_json::{Value, json};

/// A return code with WeChat's own text for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Errcode {
    pub(crate) number: i64,
    pub(crate) text: &'static str,
}

macro_rules! errcodes {
    ($($name:ident = $number:literal $text:literal;)*) => {
        $(pub(crate) const $name: Errcode = Errcode { number: $number, text: $text };)*
        const ALL: &[Errcode] = &[$($name),*];
    };
}

errcodes! {
    SYSTEM_ERROR = -1 "system error";
    INVALID_CREDENTIAL = 40001 "invalid credential, access_token is invalid or not latest, could get access_token by getStableAccessToken";
    INVALID_GRANT_TYPE = 40002 "invalid grant_type";
    INVALID_OPENID = 40003 "invalid openid";
    INVALID_MEDIA_TYPE = 40004 "invalid media type";
    INVALID_FILE_TYPE = 40005 "invalid file type";
    INVALID_MEDIA_ID = 40007 "invalid media_id";
    INVALID_MESSAGE_TYPE = 40008 "invalid message type";
    IMAGE_SIZE = 40009 "invalid image size";
    VOICE_SIZE = 40010 "invalid voice size";
    VIDEO_SIZE = 40011 "invalid video size";
    THUMB_SIZE = 40012 "invalid thumb size";
    INVALID_APPID = 40013 "invalid appid";
    INVALID_TOKEN = 40014 "invalid access_token";
    INVALID_OAUTH_CODE = 40029 "invalid code";
    INVALID_WEB_REFRESH = 40030 "invalid refresh_token";
    INVALID_OPENID_LIST = 40031 "invalid openid list";
    OPENID_LIST_SIZE = 40032 "invalid openid list size";
    INVALID_CHARSET = 40033 "invalid charset. please check your request, if include \\uxxxx will create fail!";
    TEMPLATE_ID_SIZE = 40036 "invalid template_id size";
    INVALID_TEMPLATE_ID = 40037 "invalid template_id";
    INVALID_ACTION_NAME = 40052 "invalid action name";
    INVALID_ACTION_INFO = 40053 "invalid action info";
    INVALID_SERIAL_CODE = 40056 "invalid serial code";
    INVALID_CARD_TYPE = 40071 "invalid card type";
    INVALID_CODE_TYPE = 40072 "invalid code type";
    INVALID_CARD_ID = 40073 "invalid card id";
    INVALID_ENCRYPT_CODE = 40075 "invalid encrypt code";
    INVALID_CARD_STATUS = 40078 "invalid card status";
    INVALID_TIME = 40079 "invalid time";
    INVALID_ARGS = 40097 "invalid args";
    CODE_CONSUMED = 40099 "invalid code, this code has consumed.";
    CARD_NOT_APPROVED = 40107 "card is not approved, or has no shop";
    TOO_MANY_CODES = 40109 "code list has more than 100 codes";
    EMPTY_CODE = 40110 "code list has an empty code";
    SAME_CODE_TWICE = 40111 "code list has the same code twice";
    INVALID_BIND_OPENID = 40112 "invalid bind_openid";
    INVALID_QUANTITY = 40122 "invalid card quantity";
    INVALID_CUSTOM_FIELD = 40124 "invalid custom field";
    INVALID_APPSECRET = 40125 "invalid appsecret";
    USER_CARD_STATUS = 40127 "invalid user-card status! Hint: the card was given to user, but may be deleted or expired or set unavailable !";
    DEPOSIT_TOO_SMALL = 40136 "stock is more than the deposited codes";
    CONSUME_TIME = 40147 "invalid consume time";
    CODE_USED = 40163 "code been used";
    IP_NOT_LISTED = 40164 "invalid ip, not in whitelist";
    INVALID_WEAPP_PAGE = 40165 "invalid weapp pagepath";
    INVALID_WEAPP_APPID = 40166 "invalid weapp appid";
    SECRET_FROZEN = 40243 "appsecret is frozen";
    MARKETING_CONTENT = 40249 "content is suspected of marketing";
    TOKEN_MISSING = 41001 "access_token missing";
    APPID_MISSING = 41002 "appid missing";
    REFRESH_TOKEN_MISSING = 41003 "refresh_token missing";
    SECRET_MISSING = 41004 "appsecret missing";
    MEDIA_MISSING = 41005 "media data missing";
    OAUTH_CODE_MISSING = 41008 "missing code";
    OPENID_MISSING = 41009 "missing openid";
    REQUIRED_FIELD_MISSING = 41011 "missing required fields! please check document and request json!";
    CARD_ID_MISSING = 41012 "missing card id";
    SERIAL_CODE_MISSING = 41013 "missing code";
    COMPONENT_APPID_MISSING = 41018 "missing component_appid";
    COMPONENT_TOKEN_MISSING = 41021 "missing component_access_token";
    TOKEN_EXPIRED = 42001 "access_token expired";
    WEB_REFRESH_EXPIRED = 42002 "refresh_token expired";
    COMPONENT_TOKEN_EXPIRED = 42006 "component_access_token expired";
    REQUIRE_GET = 43001 "require GET method";
    REQUIRE_POST = 43002 "require POST method";
    REQUIRE_SUBSCRIBE = 43004 "require subscribe";
    USER_REFUSES = 43101 "user refuse to accept the msg";
    TEMPLATE_RESTRICTED = 43116 "template restricted";
    TOO_OFTEN_FOR_USER = 43117 "send message too frequently to this openid";
    EMPTY_MEDIA = 44001 "empty media data";
    EMPTY_TEXT = 44004 "empty content";
    REPEATED_MSG_ID = 44007 "repeated msg id";
    CONTENT_SIZE = 45002 "content size out of limit";
    PLAY_TIME = 45007 "playtime out of limit";
    TOO_MANY_ARTICLES = 45008 "article size out of limit";
    DAILY_QUOTA = 45009 "reach max api daily quota limit";
    MINUTE_QUOTA = 45011 "api minute-quota reach limit must slower, retry next minute";
    OUT_OF_TIME = 45015 "response out of time limit or subscription is canceled";
    FIELD_SIZE = 45021 "some argument may be out of length limit! please check document and request json!";
    BONUS_RANGE = 45022 "bonus out of range";
    BALANCE_RANGE = 45023 "balance out of range";
    TOO_MANY_QRCODES = 45029 "has no qrcode quota";
    NO_STOCK = 45031 "stock is 0";
    GET_LIMIT = 45033 "user get card limit! invalid get times";
    STOCK_SIZE = 45041 "total stock is too large";
    OUT_OF_COUNT = 45047 "out of response count limit";
    CLIENT_MSG_ID_EXISTS = 45065 "clientmsgid exist";
    CLIENT_MSG_ID_SOON = 45066 "same clientmsgid retry too fast";
    CLIENT_MSG_ID_SIZE = 45067 "clientmsgid size out of limit";
    TYPING_COMMAND = 45072 "invalid typing command";
    TYPING_NO_CONTACT = 45080 "no interaction in the last 30 seconds";
    TYPING_ALREADY = 45081 "already typing";
    INVALID_TYPE = 45162 "invalid type";
    DATA_FORMAT = 47001 "data format error";
    INVALID_ARGUMENT = 47003 "argument invalid!";
    API_UNAUTHORIZED = 48001 "api unauthorized";
    API_BANNED = 48004 "api forbidden for irregularities";
    ACCOUNT_LIMITED = 50002 "user limited";
    TOKEN_FORBIDDEN = 50004 "access_token forbidden";
    ACCOUNT_FROZEN = 50007 "account frozen";
    NOT_AUTHORIZED = 61003 "component is not authorized by this account";
    TICKET_EXPIRED = 61005 "component ticket is expired";
    INVALID_TICKET = 61006 "component ticket is invalid";
    INVALID_AUTH_CODE = 61009 "code is invalid";
    AUTH_CODE_EXPIRED = 61010 "code is expired";
    INVALID_COMPONENT = 61011 "invalid component";
    INVALID_AUTHORIZER_REFRESH = 61023 "refresh_token is invalid";
}

impl Errcode {
    /// WeChat's text for a number.
    pub(crate) fn text_of(number: i64) -> Option<&'static str> {
        ALL.iter().find(|code| code.number == number).map(|code| code.text)
    }
}

/// Why a call was not carried out.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Refusal {
    pub(crate) errcode: i64,
    text: Cow<'static, str>,
    beside: Vec<(&'static str, Value)>,
}

impl Refusal {
    /// A code with a text of one's own.
    pub(crate) fn saying(errcode: i64, text: impl Into<Cow<'static, str>>) -> Self {
        Self { errcode, text: text.into(), beside: Vec::new() }
    }

    /// What it says, without the request id.
    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    /// Adds a field beside `errcode` and `errmsg`.
    pub(crate) fn with(mut self, name: &'static str, value: impl Into<Value>) -> Self {
        self.beside.push((name, value.into()));
        self
    }

    /// The JSON object that WeChat would send; every message ends with a request id.
    pub(crate) fn to_json(&self, rid: &str) -> Value {
        let mut object = json!({
            "errcode": self.errcode,
            "errmsg": format!("{} rid: {rid}", self.text),
        });
        for (name, value) in &self.beside {
            object[*name] = value.clone();
        }
        object
    }
}

impl From<Errcode> for Refusal {
    fn from(code: Errcode) -> Self {
        Self::saying(code.number, code.text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_ends_with_its_request_id() {
        let told = Refusal::from(CLIENT_MSG_ID_EXISTS).with("msg_id", 7).to_json("6553f100-1-2");
        let expected =
            json!({"errcode": 45065, "errmsg": "clientmsgid exist rid: 6553f100-1-2", "msg_id": 7});
        assert_eq!(told, expected);
    }

    #[test]
    fn no_number_stands_twice_in_the_table() {
        for (index, code) in ALL.iter().enumerate() {
            assert!(!ALL[..index].iter().any(|c| c.number == code.number), "{}", code.number);
        }
    }
}
