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
    INVALID_APPID = 40013 "invalid appid";
    INVALID_TOKEN = 40014 "invalid access_token";
    INVALID_CHARSET = 40033 "invalid charset. please check your request, if include \\uxxxx will create fail!";
    TEMPLATE_ID_SIZE = 40036 "invalid template_id size";
    INVALID_TEMPLATE_ID = 40037 "invalid template_id";
    INVALID_APPSECRET = 40125 "invalid appsecret";
    IP_NOT_LISTED = 40164 "invalid ip, not in whitelist";
    INVALID_WEAPP_PAGE = 40165 "invalid weapp pagepath";
    INVALID_WEAPP_APPID = 40166 "invalid weapp appid";
    SECRET_FROZEN = 40243 "appsecret is frozen";
    MARKETING_CONTENT = 40249 "content is suspected of marketing";
    TOKEN_MISSING = 41001 "access_token missing";
    APPID_MISSING = 41002 "appid missing";
    SECRET_MISSING = 41004 "appsecret missing";
    TOKEN_EXPIRED = 42001 "access_token expired";
    REQUIRE_GET = 43001 "require GET method";
    REQUIRE_POST = 43002 "require POST method";
    REQUIRE_SUBSCRIBE = 43004 "require subscribe";
    USER_REFUSES = 43101 "user refuse to accept the msg";
    TEMPLATE_RESTRICTED = 43116 "template restricted";
    TOO_OFTEN_FOR_USER = 43117 "send message too frequently to this openid";
    REPEATED_MSG_ID = 44007 "repeated msg id";
    DAILY_QUOTA = 45009 "reach max api daily quota limit";
    MINUTE_QUOTA = 45011 "api minute-quota reach limit must slower, retry next minute";
    CLIENT_MSG_ID_EXISTS = 45065 "clientmsgid exist";
    CLIENT_MSG_ID_SOON = 45066 "same clientmsgid retry too fast";
    CLIENT_MSG_ID_SIZE = 45067 "clientmsgid size out of limit";
    DATA_FORMAT = 47001 "data format error";
    INVALID_ARGUMENT = 47003 "argument invalid!";
    API_UNAUTHORIZED = 48001 "api unauthorized";
    API_BANNED = 48004 "api forbidden for irregularities";
    ACCOUNT_LIMITED = 50002 "user limited";
    TOKEN_FORBIDDEN = 50004 "access_token forbidden";
    ACCOUNT_FROZEN = 50007 "account frozen";
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
    beside: Option<(&'static str, Value)>,
}

impl Refusal {
    /// A code with a text of one's own.
    pub(crate) fn saying(errcode: i64, text: impl Into<Cow<'static, str>>) -> Self {
        Self { errcode, text: text.into(), beside: None }
    }

    /// Adds a field beside `errcode` and `errmsg`.
    pub(crate) fn with(mut self, name: &'static str, value: impl Into<Value>) -> Self {
        self.beside = Some((name, value.into()));
        self
    }

    /// The JSON object that WeChat would send; every message ends with a request id.
    pub(crate) fn to_json(&self, rid: &str) -> Value {
        let mut object = json!({
            "errcode": self.errcode,
            "errmsg": format!("{} rid: {rid}", self.text),
        });
        if let Some((name, value)) = &self.beside {
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
