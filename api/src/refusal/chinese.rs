//! The catalogue in Chinese: one sentence for each refusal, as `Display` has the English.

use std::borrow::Cow;

use wxgate_signing::{FormError, Scheme};

use super::Refusal;
use crate::language::Language;

impl Refusal {
    /// The sentence that the caller reads; like `Display`, it never holds a value that the caller sent.
    #[must_use]
    pub fn in_language(&self, language: Language) -> Cow<'_, str> {
        match language {
            Language::Chinese => self.chinese(),
            Language::English => self.to_string().into(),
        }
    }

    fn chinese(&self) -> Cow<'_, str> {
        let fixed = match self {
            Self::StillWorking { .. } => "仍在处理中：请用data中的内容再次查询",
            Self::UnknownPath => "没有这个接口",
            Self::Method => "本接口只接受POST请求，或参数全部在地址中的GET请求",
            Self::NotAForm => "请求体须为表单编码（application/x-www-form-urlencoded）",
            Self::NoAuthcode => "缺少authcode：authcode须放在地址的查询参数中，其余参数放在请求体中",
            Self::UnknownClient => "client_code不存在",
            Self::ClientClosed => "该client_code已关闭",
            Self::NoSecret => "该client_code尚未设置client_secret",
            Self::MalformedTime => "req_time须为十位Unix时间戳（秒）",
            Self::MalformedAuthcode(_) => "authcode须为32位（MD5）或64位（HMAC-SHA256）十六进制字符",
            Self::WrongAuthcode => "authcode与参数不符",
            Self::SchemeNotAllowed { allowed: Scheme::Md5 } => "该client_code须用MD5签名（32位authcode）",
            Self::SchemeNotAllowed { allowed: Scheme::HmacSha256 } => {
                "该client_code须用HMAC-SHA256签名（64位authcode）"
            }
            Self::AuthcodeTaken => "该authcode已用于另一个请求：请更换req_time后重新签名",
            Self::NoApp => "该client_code未设置app_id",
            Self::UnknownApp => "该client_code的公众号未在此登记",
            Self::AppDisabled => "该client_code的公众号已停用",
            Self::AppWithoutSecret => "该client_code的公众号未设置AppSecret",
            Self::PlatformNotAuthorised => "该client_code的公众号未授权给第三方平台",
            Self::RequestIdTaken => "该request_id已用于内容不同的请求",
            Self::TooMany { .. } => "请求过多，请稍后再试",
            Self::NotReady(_) => "服务暂不可用，请求未被保存：请稍后重发同一请求",
            Self::Overloaded => "请求过多，暂时处理不及，请求未被保存：请稍后重发同一请求",
            Self::OutcomeUnknown(_) => "结果未知：请原样重发同一签名请求，不会重复发送",
            Self::UnderWay => "同一请求仍在处理中：请原样重发同一签名请求",
            Self::NotRepeated(_) => "该请求是否生效未知，不会自动重复：如仍需要，请重新签名后发送",
            Self::Form(error) => return form(error),
            other => return other.with_details().into(),
        };
        fixed.into()
    }

    /// Those that say more than one thing.
    fn with_details(&self) -> String {
        const CHINESE: Language = Language::Chinese;
        match self {
            Self::TooLarge { limit } => format!("请求体超过{limit}字节"),
            Self::FileTooLarge { limit } => format!("文件超过{limit}字节"),
            Self::BodyBroken { within } => format!("请求体未能在{}秒内完整到达", within.as_secs()),
            Self::Missing { name } => format!("参数“{name}”缺失或为空"),
            Self::MissingBeforeFile { name } => {
                format!("参数“{name}”缺失或为空：文本参数须放在文件之前")
            }
            Self::Stale { off, now, at_most } => {
                format!("req_time与服务器时间（{now}）相差{off}秒，最多允许{at_most}秒")
            }
            Self::NotGranted { interface } => format!("该client_code无权调用接口{interface}"),
            Self::SwitchedOff { interface } => format!("接口{interface}已停用"),
            Self::Malformed { name, reason } => format!("{name}：{}", reason.in_language(CHINESE)),
            Self::NotFound(what) => format!("没有这个{}", thing(what)),
            Self::Conflict(reason) | Self::UpstreamFailed(reason) => reason.in_language(CHINESE).to_owned(),
            Self::Internal { reference, .. } => format!("内部错误，编号{reference}"),
            Self::NoEffect { reason, .. } => {
                format!("{}；未产生任何效果，可重发同一请求", reason.in_language(CHINESE))
            }
            Self::UpstreamTimeout(whose) => format!("{}未及时应答：请原样重发同一签名请求", upstream(whose)),
            Self::UpstreamBroken { reason, .. } => {
                format!("{}，请求可能已生效：请原样重发同一签名请求", reason.in_language(CHINESE))
            }
            // All others are above.
            other => other.to_string(),
        }
    }
}

fn form(error: &FormError) -> Cow<'static, str> {
    match error {
        FormError::NotUtf8 => "参数须为UTF-8编码".into(),
        FormError::Repeated { name } => format!("参数“{name}”出现多次").into(),
        FormError::Nul => "参数不能含有U+0000".into(),
        FormError::ClientSecret => "client_secret不能发送：它只参与签名".into(),
    }
}

/// What was not found, by the name that the English sentence has.
fn thing(name: &str) -> &str {
    match name {
        "job" => "任务",
        "link" => "短链接",
        "conversion" => "转换任务",
        other => other,
    }
}

fn upstream(name: &str) -> &str {
    if name == "WeChat" { "微信" } else { name }
}
