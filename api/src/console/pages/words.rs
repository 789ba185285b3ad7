//! Words for what is stored under a name of its own, in both languages.

use wxgate_job::JobState;

use super::super::trouble::state_zh;
use crate::language::Language;

/// A job's state.
pub(super) const fn state(state: JobState, language: Language) -> &'static str {
    match language {
        Language::Chinese => state_zh(state),
        Language::English => state.as_str(),
    }
}

/// How an attempt ended, how a callback or a task stands, and the like; what is not listed stays as it is.
pub(super) fn of_stored(stored: &str, language: Language) -> &str {
    let row = STORED.iter().find(|(name, ..)| *name == stored);
    row.map_or(stored, |(_, chinese, english)| language.pick(chinese, english))
}

/// The name as stored, in Chinese, in English.
const STORED: &[(&str, &str, &str)] = &[
    ("done", "成功", "done"),
    ("waiting", "等待外部", "waits for somebody outside"),
    ("again", "将重试", "again later"),
    ("ambiguous", "结果不明", "nobody knows whether it took effect"),
    ("closed", "应用受阻，未计次", "the app is held back; not counted"),
    ("failed", "失败", "failed"),
    ("released", "已退回队列", "put back into the queue"),
    ("lost", "执行进程失联", "its worker was lost"),
    ("delivered", "已送达", "delivered"),
    ("exhausted", "已放弃", "given up"),
    ("pending", "待发送", "pending"),
    ("queued", "排队中", "queued"),
    ("running", "进行中", "running"),
    ("finished", "已完成", "finished"),
    ("stopped", "已停止", "stopped"),
    ("none", "无", "none"),
    ("ready", "正常", "ready"),
    ("set", "已设置", "set"),
    ("missing", "未设置", "missing"),
    ("daily quota used up", "当日额度已用完", "daily quota used up"),
    ("suspended", "已暂停", "suspended"),
];

/// What was done, by the name under which an address tells it.
pub(super) fn notice(name: &str, language: Language) -> &'static str {
    let row = NOTICES.iter().find(|(known, ..)| *known == name);
    row.map_or("", |(_, chinese, english)| language.pick(chinese, english))
}

const NOTICES: &[(&str, &str, &str)] = &[
    ("retried", "已重新排队。", "Queued again."),
    ("cancelled", "已取消。", "Cancelled."),
    ("replayed", "回调已重新排队。", "The callback is queued again."),
    ("begun", "批量操作已开始。", "The task has begun."),
    ("stopped", "已要求停止。", "The task is being stopped."),
    (
        "mended",
        "已保存；受阻的任务已放行，几秒内即可看到结果。",
        "Saved. What was held back goes on; you will see in seconds whether it works.",
    ),
    (
        "probed",
        "已放行：受阻的任务将立即重试，几秒内即可看到结果。",
        "What was held back is tried now; you will see in seconds whether it works.",
    ),
];
