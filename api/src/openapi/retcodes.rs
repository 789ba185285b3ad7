//! What the codes of refusals mean. A test compares them with the catalogue of all refusals.

/// A code, and the HTTP status that it comes with.
pub(super) struct Retcode {
    pub(super) status: u16,
    pub(super) code: u16,
    pub(super) meaning_zh: &'static str,
    pub(super) meaning_en: &'static str,
}

const fn row(status: u16, code: u16, meaning_zh: &'static str, meaning_en: &'static str) -> Retcode {
    Retcode { status, code, meaning_zh, meaning_en }
}

/// Every code but 200 and 202.
pub(super) const ALL: [Retcode; 21] = [
    row(200, 101, "req_time无效，或与服务器时间相差超过5分钟", "req_time is no time, or more than 300 s off"),
    row(200, 102, "缺少参数或参数为空", "a parameter is missing, blank or given twice"),
    row(200, 103, "签名不正确", "the authcode does not match"),
    row(200, 104, "client_code不存在", "there is no such client_code"),
    row(200, 105, "client_code已关闭", "the client_code is closed"),
    row(200, 106, "没有该接口的权限", "the interface is not granted to this client"),
    row(200, 107, "接口已关闭", "the interface is switched off"),
    row(200, 108, "client_code没有client_secret", "the client_code has no client_secret"),
    row(200, 109, "authcode格式不正确", "the authcode is malformed"),
    row(200, 110, "没有设置app_id", "no app_id is set for this client"),
    row(200, 112, "app_id不存在或已停用", "the app is unknown or disabled"),
    row(200, 113, "app没有secret", "the app has no secret"),
    row(200, 114, "第三方平台未授权", "the third-party platform is not authorised"),
    row(
        200,
        400,
        "参数值不正确（msg说明是哪个参数及原因）",
        "a value cannot be used; msg says which and why",
    ),
    row(200, 404, "key、任务、媒体或链接不存在", "there is no such key, job, medium or link"),
    row(
        200,
        409,
        "状态冲突，或request_id已用于其他内容",
        "it cannot be done now, or request_id was used otherwise",
    ),
    row(200, 500, "内部错误，msg带有参考编号", "a fault of the gateway; msg has a reference"),
    row(200, 502, "微信或其他上游返回失败", "WeChat or another server failed"),
    row(
        200,
        504,
        "结果未知或上游超时：请原样重发同一请求",
        "the outcome is unknown: repeat the same request unchanged",
    ),
    row(413, 413, "请求或文件过大", "the body or the file is too large"),
    row(
        503,
        503,
        "暂不可用，未保存任何内容，请稍后重发",
        "not ready, nothing was stored: send it again later",
    ),
];

/// Codes of which the interface is not to blame: unknown path, method, too many requests.
pub(super) const OF_HTTP: [Retcode; 3] = [
    row(404, 404, "接口不存在", "there is no such interface"),
    row(405, 405, "请求方法不支持，只支持GET和POST", "neither GET nor POST"),
    row(429, 429, "请求过多", "too many requests"),
];
