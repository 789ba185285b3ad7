//! What other parts of the gateway say went wrong, as sentences for callers.

use wxgate_egress::{EgressError, InvalidUrl, MAX_URL, Refusal as Forbidden};
use wxgate_job::state::UnknownState;
use wxgate_job::{Failure, JobState};
use wxgate_token::KeeperError;
use wxgate_wechat::{
    CallError, CredentialError, Family, Flaw, Problem, Refusal as Refused, WeChatError, advice_zh,
};

use super::sentence::{Sentence, said};

impl From<&Forbidden> for Sentence {
    fn from(error: &Forbidden) -> Self {
        let zh = match error {
            Forbidden::InvalidUrl(error) => return error.into(),
            Forbidden::Forbidden => "该地址指向非公网",
        };
        said(zh, error.to_string())
    }
}

impl From<&InvalidUrl> for Sentence {
    fn from(error: &InvalidUrl) -> Self {
        let zh = match error {
            InvalidUrl::Malformed(error) => format!("无法解析该地址（{error}）"),
            InvalidUrl::Scheme => "地址须以http://或https://开头".to_owned(),
            InvalidUrl::Credentials => "地址中不能含有用户名或密码".to_owned(),
            InvalidUrl::TooLong => format!("地址超过{MAX_URL}字节"),
        };
        said(zh, error.to_string())
    }
}

impl From<&EgressError> for Sentence {
    fn from(error: &EgressError) -> Self {
        let zh = match error {
            EgressError::Refused(error) => return error.into(),
            EgressError::Dns(_) => "域名无法解析",
            EgressError::Connect(_) => "无法建立连接",
            EgressError::Tls(_) => "无法建立TLS连接",
            EgressError::Timeout => "对方未及时应答",
            EgressError::Other(_) => "连接中断",
        };
        said(zh, error.to_string())
    }
}

impl From<&Flaw> for Sentence {
    fn from(flaw: &Flaw) -> Self {
        let problem = match &flaw.problem {
            Problem::NotJson(error) => format!("不是JSON（{error}）"),
            Problem::Missing => "缺失".to_owned(),
            Problem::NotAnObject => "须为对象".to_owned(),
            Problem::NotText => "须为文本".to_owned(),
            Problem::TooLong { bytes } => format!("超过{bytes}字节"),
            Problem::NotOneOf(known) => format!("须为{}之一", known.join("、")),
            Problem::NotAStock { most } => format!("须为不超过{most}的整数"),
            Problem::PerhapsTooLong { characters } => format!("可能过长：据称最多{characters}个字符"),
            Problem::Unknown => "不是已知的取值".to_owned(),
            Problem::UnknownColor => "不是已知的颜色：Color010至Color100".to_owned(),
            Problem::NoStock => "为0，据称只适用于预存code的卡券".to_owned(),
            Problem::EndsBeforeItBegins => "不晚于begin_timestamp".to_owned(),
        };
        said(format!("{}{problem}", flaw.field), flaw.to_string())
    }
}

impl From<&UnknownState> for Sentence {
    fn from(error: &UnknownState) -> Self {
        let known: Vec<&str> = JobState::ALL.iter().map(|state| state.as_str()).collect();
        said(format!("须为{}之一", known.join("、")), error.to_string())
    }
}

impl From<&Failure> for Sentence {
    /// The words of a failure are kept in English; by WeChat's number there are Chinese ones, too.
    fn from(failure: &Failure) -> Self {
        let zh = failure.errcode.and_then(|errcode| Some((errcode, advice_zh(Family::AppCall, errcode)?)));
        match zh {
            Some((errcode, advice)) => said(format!("微信返回{errcode}：{advice}"), failure.message.clone()),
            None => said(failure.message.clone(), failure.message.clone()),
        }
    }
}

impl From<&Refused> for Sentence {
    fn from(refusal: &Refused) -> Self {
        let Refused { family, errcode, errmsg } = refusal;
        let advice = advice_zh(*family, *errcode).map(|advice| format!("：{advice}")).unwrap_or_default();
        said(format!("微信返回{errcode}“{errmsg}”{advice}"), refusal.explained())
    }
}

impl From<&CallError> for Sentence {
    fn from(error: &CallError) -> Self {
        let zh = match error {
            CallError::OutOfTime => "已没有时间请求微信".to_owned(),
            CallError::NotSent(_) => "无法连接微信".to_owned(),
            CallError::TimedOut => "微信未及时应答".to_owned(),
            CallError::Broken(_) => "与微信的连接中断".to_owned(),
            CallError::Status(status) => format!("微信链路返回HTTP {status}"),
            CallError::Unreadable => "微信的应答无法识别".to_owned(),
        };
        said(zh, error.to_string())
    }
}

impl From<&WeChatError> for Sentence {
    fn from(error: &WeChatError) -> Self {
        let zh = match error {
            WeChatError::Call(error) => return error.into(),
            WeChatError::Refused(refusal) => return refusal.into(),
            WeChatError::Token(error) => return error.into(),
            WeChatError::UnknownApp => "该公众号未登记、已停用或未设置AppSecret",
            WeChatError::TokenTimeout => "未能及时取得access_token",
        };
        said(zh, error.to_string())
    }
}

impl From<&KeeperError<CredentialError>> for Sentence {
    /// What went wrong in the first place: some tokens are asked for with others.
    fn from(error: &KeeperError<CredentialError>) -> Self {
        let zh = match error {
            KeeperError::Source(source) => return (&**source).into(),
            KeeperError::Store(_) => "凭证存储暂不可用".to_owned(),
            KeeperError::SourceTimeout => "获取凭证超时".to_owned(),
            KeeperError::TooSoon { wait } => {
                format!("凭证刚刷新过仍被拒绝，请等待{}秒", wait.as_secs())
            }
            KeeperError::DailyLimit => "当日凭证刷新次数过多".to_owned(),
            KeeperError::HeldElsewhere => "另一进程正在刷新凭证，尚未完成".to_owned(),
            KeeperError::Interrupted => "凭证刷新被中断".to_owned(),
        };
        said(zh, error.to_string())
    }
}

impl From<&CredentialError> for Sentence {
    fn from(error: &CredentialError) -> Self {
        let zh = match error {
            CredentialError::Token(error) => return error.into(),
            CredentialError::Call(error) => return error.into(),
            CredentialError::Refused(refusal) => return refusal.into(),
            CredentialError::UnknownApp => "该公众号未登记、已停用或未设置AppSecret",
            CredentialError::UnknownPlatform => "该公众号的第三方平台未登记",
            CredentialError::NoVerifyTicket => {
                "第三方平台尚未收到component_verify_ticket，微信每十分钟向授权事件接收地址推送一次"
            }
            CredentialError::VerifyTicket(_) => "第三方平台的ticket无法读取",
            CredentialError::Unauthorised => "该公众号未授权给第三方平台",
            CredentialError::RefreshToken(_) => "该公众号的刷新令牌无法读取",
            CredentialError::TokenTimeout => "未能及时取得用于请求的凭证",
            CredentialError::NoToken => "微信的应答中没有凭证",
            CredentialError::RefusedTokenAgain => "微信再次给出了已被拒绝的凭证",
        };
        said(zh, error.to_string())
    }
}
