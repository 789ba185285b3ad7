//! What to do about a failure, in a sentence for operators.

use wxgate_job::Failure;
use wxgate_wechat::{Family, advice, advice_zh};

/// A failure's cause in a few words, and what to do about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Advice {
    /// What it means.
    pub meaning: String,
    /// What to do; empty when nobody knows.
    pub todo: &'static str,
}

/// In Chinese.
#[must_use]
pub fn chinese(failure: &Failure) -> Advice {
    let own = OURS.iter().find(|row| row.code == failure.code);
    let meaning = own.map_or("", |row| row.zh.0).to_owned();
    let known = failure.errcode.and_then(|errcode| advice_zh(family(errcode, &failure.message), errcode));
    Advice { meaning, todo: known.unwrap_or_else(|| own.map_or(UNKNOWN.0, |row| row.zh.1)) }
}

/// In English.
#[must_use]
pub fn english(failure: &Failure) -> Advice {
    let own = OURS.iter().find(|row| row.code == failure.code);
    let meaning = own.map_or("", |row| row.en.0).to_owned();
    let known = failure.errcode.and_then(|errcode| advice(family(errcode, &failure.message), errcode));
    Advice { meaning, todo: known.unwrap_or_else(|| own.map_or(UNKNOWN.1, |row| row.en.1)) }
}

/// Who gave the code, which may mean something else where tokens are fetched. It is not kept, but the message
/// was made with the right sentence.
fn family(errcode: i64, message: &str) -> Family {
    let said = |family: &Family| advice(*family, errcode).is_some_and(|sentence| message.contains(sentence));
    [Family::TokenFetch, Family::Login].into_iter().find(said).unwrap_or(Family::AppCall)
}

/// For what is not listed: in Chinese, in English.
const UNKNOWN: (&str, &str) =
    ("请查看报错信息；原因消除后可重试。", "Read what was answered; retry once the cause is gone.");

/// A failure's code, and its meaning and advice in both languages.
struct Row {
    code: &'static str,
    zh: (&'static str, &'static str),
    en: (&'static str, &'static str),
}

const fn row(code: &'static str, zh: (&'static str, &'static str), en: (&'static str, &'static str)) -> Row {
    Row { code, zh, en }
}

const NETWORK: ((&str, &str), (&str, &str)) = (
    ("网络故障", "请检查本服务器到上游的网络与 DNS；恢复后重试即可。"),
    ("the network failed", "Look at this server's network and name resolution; then retry."),
);
const UPSTREAM: ((&str, &str), (&str, &str)) = (
    ("上游应答异常", "上游（微信、又拍云或代理）应答异常：请检查代理与上游地址；恢复后重试即可。"),
    ("the upstream's answer is no use", "Look at the upstream's address and at any proxy; then retry."),
);
const DISK: ((&str, &str), (&str, &str)) = (
    ("本机磁盘故障", "请检查数据目录的剩余空间与权限，然后重试。"),
    ("this machine's disk failed", "Look at room and rights of the data folder, then retry."),
);
const VOICE: ((&str, &str), (&str, &str)) = (
    ("语音转码失败", "请检查又拍云设置或本机 ffmpeg，然后重试。"),
    ("the voice was not converted", "Look at Upyun's settings or this machine's ffmpeg, then retry."),
);

/// Our own codes, as `Failure::code` has them.
const OURS: &[Row] = &[
    row("wechat", ("微信拒绝", UNKNOWN.0), ("WeChat refused", UNKNOWN.1)),
    row(
        "token",
        (
            "没有可用的 access_token",
            "请在应用页面检查 AppSecret、启用状态与平台授权，修正后“立即探测”或重试。",
        ),
        (
            "no access token",
            "Look at the app's secret, whether it is enabled and its authorisation; then probe or retry.",
        ),
    ),
    row(
        "expired",
        ("超过调用方指定的 expire_at", "未能在期限前发出。重试会不顾原期限再发一次：请先确认内容仍然有效。"),
        (
            "not sent by the caller's expire_at",
            "Retrying sends it although its time has passed: see first whether it still makes sense.",
        ),
    ),
    row(
        "gave_up",
        ("24 小时内未能完成", "请先消除原因（见报错），再重试。"),
        ("not done within 24 hours", "Remove the cause (see what was answered), then retry."),
    ),
    row(
        "ambiguous",
        ("结果不明，按调用方要求不再发送", "用户可能已经收到。请先核实，再决定是否重试。"),
        (
            "it may have reached the user, and the caller wants no repeat",
            "See first whether the user has it; a retry may send it twice.",
        ),
    ),
    row(
        "user_blocked",
        ("用户拒收", "微信已受理但用户拒收：重试无益。"),
        ("the user refuses messages", "A retry will not help."),
    ),
    row(
        "system_failed",
        ("微信未能送达", "微信已受理但未能送达，未说明原因：可以重试。"),
        ("WeChat could not deliver it", "WeChat gives no reason: it can be retried."),
    ),
    row("timeout", NETWORK.0, NETWORK.1),
    row("unreachable", NETWORK.0, NETWORK.1),
    row("connection_lost", NETWORK.0, NETWORK.1),
    row("http_status", UPSTREAM.0, UPSTREAM.1),
    row("unreadable_answer", UPSTREAM.0, UPSTREAM.1),
    row("empty", UPSTREAM.0, UPSTREAM.1),
    row(
        "upyun_refused",
        ("又拍云拒绝", "请核对又拍云的空间名、操作员与密码。"),
        ("Upyun refused", "Compare Upyun's bucket, operator and password."),
    ),
    row(
        "video",
        ("视频地址无法获取", "微信给出的视频地址无法访问，或不是公网地址：可以重试。"),
        ("the video cannot be fetched", "The address that WeChat gave cannot be reached: it can be retried."),
    ),
    row(
        "too_long",
        ("文件过大", "超过 32 MiB 的媒体不会下载：重试无益。"),
        ("the file is too large", "Media over 32 MiB are not taken: a retry will not help."),
    ),
    row(
        "no_converter",
        ("没有转码工具", "请设置又拍云，或在本机安装 ffmpeg，然后重试。"),
        ("there is no converter", "Set up Upyun, or install ffmpeg on this machine; then retry."),
    ),
    row(
        "undecodable",
        ("无法识别的语音", "文件不是可识别的语音：重试无益。"),
        ("the voice cannot be read", "The file is no voice recording that is known: a retry will not help."),
    ),
    row("conversion_failed", VOICE.0, VOICE.1),
    row("ffmpeg", VOICE.0, VOICE.1),
    row("source_missing", VOICE.0, VOICE.1),
    row("result_missing", VOICE.0, VOICE.1),
    row("unknown_task", VOICE.0, VOICE.1),
    row("disk", DISK.0, DISK.1),
    row(
        "store",
        ("数据库故障", "请检查数据库；恢复后重试即可。"),
        ("the store failed", "Look at the database; then retry."),
    ),
    row(
        "payload",
        ("本版本读不懂此任务", "任务由其他版本接收：请用那个版本处理，或让调用方重新提交。"),
        ("this version cannot read it", "Let the version that accepted it do it, or have it sent anew."),
    ),
    row(
        "unknown_kind",
        ("本版本没有此类任务", "任务由更新的版本接收：请升级 worker 后重试。"),
        (
            "this version does not know the kind",
            "A newer version accepted it: upgrade the workers, then retry.",
        ),
    ),
    row(
        "internal",
        ("网关内部错误", "请查看 worker 日志；可以重试。"),
        ("the gateway failed inside", "Look into the workers' log; it can be retried."),
    ),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wechats_code_decides_before_our_own() {
        let failure = Failure::new("gave_up", "not done within 24 hours").with_errcode(40164);
        assert!(chinese(&failure).todo.contains("IP白名单"));
        assert!(english(&failure).todo.contains("whitelist"));
        let unknown = Failure::new("wechat", "said").with_errcode(12_345);
        assert_eq!(chinese(&unknown), Advice { meaning: "微信拒绝".to_owned(), todo: UNKNOWN.0 });
        assert_eq!(english(&unknown).todo, UNKNOWN.1);
    }

    #[test]
    fn a_wrong_secret_is_told_from_an_old_token() {
        let wrong =
            Failure::new("wechat", format!("40001. {}", advice(Family::TokenFetch, 40001).unwrap_or("")));
        let failure = wrong.with_errcode(40001);
        assert!(english(&failure).todo.contains("secret is wrong"));
        assert_eq!(Some(chinese(&failure).todo), advice_zh(Family::TokenFetch, 40001));
        let old = Failure::new("wechat", "40001").with_errcode(40001);
        assert!(english(&old).todo.contains("not the latest"));
    }
}
