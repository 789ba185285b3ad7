//! Upyun's error codes with their texts, as far as the simulator gives them of itself or a script is
//! likely to ask for them. The first three digits are the HTTP status.

#![expect(clippy::unreadable_literal, reason = "codes stand here as in Upyun's list, to be found again")]

use std::borrow::Cow;

use serde_json::json;

use crate::reply::Reply;

/// Why a call was not carried out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Problem {
    pub(super) code: i64,
    msg: Cow<'static, str>,
}

macro_rules! problems {
    ($($name:ident = $code:literal $msg:literal;)*) => {
        $(pub(super) const $name: Problem = Problem { code: $code, msg: Cow::Borrowed($msg) };)*
        const ALL: &[Problem] = &[$($name),*];
    };
}

problems! {
    NEED_SAVE_KEY = 40000001 "need save-key";
    NEED_BUCKET = 40000003 "need bucket name";
    NEED_EXPIRATION = 40000004 "need expiration";
    NEED_FILE = 40000005 "need file";
    MD5_DIFFERS = 40000006 "content md5 not match";
    NEED_POLICY = 40000007 "need policy";
    NEED_SIGNATURE = 40000008 "need signature";
    POLICY_UNREADABLE = 40000009 "decode policy error";
    CHUNKED = 40000011 "chunked request bodies not supported yet";
    OTHER_BUCKET = 40000036 "uri bucket must be same as param bucket";
    NO_BOUNDARY = 40000038 "no boundary defined in Content-Type";
    SOURCE_BUCKET = 40000040 "source bucket not equal target bucket";
    SOURCE_IS_TARGET = 40000041 "source key equals to target key";
    SOURCE_WRONG = 40000042 "source key wrong";
    METADATA_DIRECTIVE = 40000043 "wrong metadata directive";
    NEED_METADATA = 40000044 "need metadata";
    WRONG_URI = 40001000 "wrong uri";
    FOLDER_ARGS = 40001004 "folder args invalid";
    ITER_ARGS = 40001005 "iter args invalid";
    KEY_NOT_UTF8 = 40001021 "invalid utf8 key";
    PART_ACTION = 40001022 "wrong multipart action";
    PART_UUID = 40001023 "wrong multipart uuid";
    PART_LENGTH = 40001025 "wrong multipart length";
    PART_ID = 40001030 "wrong multipart part id";
    PART_TWICE = 40001031 "duplicate multipart part";
    PART_OVERSIZE = 40001032 "oversize multipart part";
    PART_UNKNOWN = 40001035 "notfound multipart uuid";
    PARTS_MISSING = 40001037 "incomplete multipart parts";
    WRONG_RANGE = 40001161 "wrong range";
    FEW_ARGUMENTS = 40010001 "not enough arguments";
    URL_NOT_ALLOWED = 40010002 "url not allowed";
    TASKS_NUMBER = 40010003 "tasks number error";
    TOO_MANY_IDS = 40010029 "only 1~10 tasks supported in get";
    TASKS_UNREADABLE = 40010033 "decode tasks error";
    APP_NAME = 40011050 "invalid app name";
    WHOLE_MD5 = 40011060 "file md5 not match";
    NEED_DATE = 40100001 "need date header";
    DATE_OFF = 40100002 "date offset error";
    UNKNOWN_SCHEME = 40100003 "unknown realm in authorization header";
    NEED_AUTHORIZATION = 40100004 "need authorization header";
    SIGNATURE = 40100005 "signature error";
    NO_USER = 40100006 "user not exists";
    PASSWORD = 40100009 "user password error";
    NO_BUCKET = 40100012 "bucket not exist";
    DATE_UNREADABLE = 40100016 "invalid date value in header";
    NAME_CHARACTERS = 40300001 "file name contains invalid chars (\\r\\n\\t)";
    BUCKET_FULL = 40300004 "bucket is full";
    NOT_EMPTY = 40300005 "directory not empty";
    POLICY_EXPIRED = 40300006 "authorization has expired";
    FORM_MD5_DIFFERS = 40300007 "content md5 not match";
    FILE_TOO_SMALL = 40300008 "file too small";
    FILE_TOO_LARGE = 40300009 "file too large";
    FILE_TYPE = 40300010 "file type error";
    ORDER = 40300014 "order must be asc or desc";
    NO_FILE = 40300015 "path is not a file, maybe a directory";
    SECRET_CHARACTERS = 40300016 "content-secret only accept [a-zA-Z0-9]";
    NEED_LENGTH = 40300026 "need content-length header";
    NOT_FOUND = 40400001 "file or directory not found";
    DIR_NOT_ACCEPTABLE = 40600001 "dir not acceptable";
    FOLDER_EXISTS = 40600002 "folder already exists";
    TOO_LARGE = 41300001 "content length too large";
    TOO_MANY = 42900001 "too many requests";
    TOO_MANY_OF_URI = 42900002 "too many requests of the same uri";
    TOO_MANY_OF_BUCKET = 42900003 "too many requests of the same bucket";
    UNKNOWN = 50300000 "unknown error";
    WRITE_FAILED = 50300001 "write hub failed";
    UPSTREAM_CLOSED = 50300030 "upstream closed connection";
    UPSTREAM_TIMEOUT = 50300031 "read upstream timeout";
}

impl Problem {
    /// A code with Upyun's text for it, or this one.
    pub(crate) fn of(code: i64, text: Option<String>) -> Self {
        let known = ALL.iter().find(|problem| problem.code == code);
        let msg = match (text, known) {
            (Some(text), _) => Cow::Owned(text),
            (None, Some(known)) => known.msg.clone(),
            (None, None) => Cow::Owned(format!("error {code}")),
        };
        Self { code, msg }
    }

    /// What is wrong, in Upyun's words.
    pub(super) fn msg(&self) -> &str {
        &self.msg
    }

    /// The HTTP status.
    pub(super) fn status(&self) -> u16 {
        u16::try_from(self.code / 100_000).unwrap_or(500)
    }

    pub(super) fn reply(&self, id: &str) -> Reply {
        let body = json!({"msg": self.msg, "code": self.code, "id": id}).to_string();
        let reply = Reply::foreign(self.status(), "application/json", body);
        Reply { errcode: Some(self.code), ..reply }.with("X-Error-Code", self.code.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_in_order_and_begin_with_a_status() {
        assert!(ALL.is_sorted_by(|one, next| one.code < next.code));
        assert!(ALL.iter().all(|problem| (400..600).contains(&problem.status())));
    }
}
