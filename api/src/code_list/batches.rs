//! A list's batches: asking WeChat about each, and summing up what it said of them, so that a caller
//! learns of every code what is known.

use std::future::Future;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering::Relaxed;

use futures_util::stream::{self, StreamExt as _};
use serde::Serialize;
use wxgate_wechat::card::codes::BATCH;
use wxgate_wechat::{Class, Refusal as No, WeChatError};

use crate::Refusal;
use crate::upstream::refusal;

/// Batches under way at a time. What fits into a body, some 50,000 codes, is through in time as long
/// as WeChat takes less than half a second for a batch.
const AT_ONCE: usize = 16;

/// WeChat's `errcode` for being too busy, which says to ask again.
const BUSY: i64 = -1;

/// What came of a batch.
pub(super) enum Heard<T> {
    /// WeChat's answer.
    Answer(T),
    /// WeChat refused all of it.
    Refused(No),
    /// WeChat did not answer.
    Nothing(WeChatError),
    /// WeChat was not asked, since nothing was heard of so many others.
    NotAsked,
}

impl<T> From<Result<T, WeChatError>> for Heard<T> {
    fn from(answer: Result<T, WeChatError>) -> Self {
        match answer {
            Ok(answer) => Self::Answer(answer),
            Err(WeChatError::Refused(no)) if no.class() != Class::RefreshToken && !no.is_unauthorised() => {
                Self::Refused(no)
            }
            Err(error) => Self::Nothing(error),
        }
    }
}

/// Asks about one batch after the other, in their order, until nothing is heard of as many in a row as are
/// under way at a time: then more would come to nothing as well.
pub(super) async fn ask_each<T, F>(
    codes: &[String],
    ask: impl Fn(Vec<String>) -> F,
) -> Vec<(Vec<String>, Heard<T>)>
where
    F: Future<Output = Result<T, WeChatError>>,
{
    let gave_up = AtomicBool::new(false);
    let ask_unless_in_vain = |batch: Vec<String>| {
        let asked = (!gave_up.load(Relaxed)).then(|| ask(batch.clone()));
        async move {
            let Some(asked) = asked else { return (batch, Heard::NotAsked) };
            (batch, asked.await.into())
        }
    };
    let batches: Vec<Vec<String>> = codes.chunks(BATCH).map(<[String]>::to_vec).collect();
    let mut heard = stream::iter(batches).map(ask_unless_in_vain).buffered(AT_ONCE);
    let (mut all, mut in_vain) = (Vec::new(), 0);
    while let Some(batch) = heard.next().await {
        in_vain = if matches!(batch.1, Heard::Nothing(_)) { in_vain + 1 } else { 0 };
        if in_vain == AT_ONCE {
            gave_up.store(true, Relaxed);
        }
        all.push(batch);
    }
    all
}

/// What is known of a whole list.
pub(super) struct Sum<T> {
    /// WeChat's word on all of it.
    pub(super) verdict: Verdict,
    /// WeChat's answers.
    pub(super) answers: Vec<T>,
    /// Codes that WeChat refused with their batch, or certainly never heard of.
    pub(super) untouched: Vec<String>,
    /// Codes that WeChat may have taken without an answer.
    pub(super) unknown: Vec<String>,
}

impl<T> Sum<T> {
    /// # Errors
    /// Why WeChat answered nothing at all; whatever may have taken effect is the reason to tell.
    pub(super) fn of(batches: Vec<(Vec<String>, Heard<T>)>) -> Result<Self, Refusal> {
        let mut sum = Self {
            verdict: Verdict::default(),
            answers: Vec::new(),
            untouched: Vec::new(),
            unknown: Vec::new(),
        };
        let (mut refused, mut unanswered, mut is_cut_short) = (None, Vec::new(), false);
        for (codes, heard) in batches {
            match heard {
                Heard::Answer(answer) => sum.answers.push(answer),
                Heard::Refused(no) => {
                    sum.untouched.extend(codes);
                    refused.get_or_insert(no);
                }
                Heard::Nothing(error) => {
                    let list = if error.is_ambiguous() { &mut sum.unknown } else { &mut sum.untouched };
                    list.extend(codes);
                    unanswered.push(error);
                }
                Heard::NotAsked => {
                    sum.untouched.extend(codes);
                    is_cut_short = true;
                }
            }
        }
        is_cut_short |= !unanswered.is_empty();
        if sum.answers.is_empty()
            && refused.is_none()
            && let Some(error) = to_tell(unanswered)
        {
            return Err(refusal(error));
        }
        sum.verdict = Verdict::of(refused, is_cut_short);
        Ok(sum)
    }
}

/// The first that may have taken effect, or else the first.
fn to_tell(mut errors: Vec<WeChatError>) -> Option<WeChatError> {
    let doubtful = errors.iter().position(WeChatError::is_ambiguous);
    (!errors.is_empty()).then(|| errors.swap_remove(doubtful.unwrap_or(0)))
}

/// WeChat's word on a whole list: success, or its first refusal of a batch. A list that did not get through
/// says so, in both languages, since it is kept for whoever asks again.
#[derive(Serialize)]
pub(super) struct Verdict {
    errcode: i64,
    errmsg: String,
}

impl Default for Verdict {
    fn default() -> Self {
        Self { errcode: 0, errmsg: "ok".to_owned() }
    }
}

impl Verdict {
    fn of(refused: Option<No>, is_cut_short: bool) -> Self {
        const CUT_SHORT: &str = "WeChat did not answer for all codes: send the others in a new request \
                                 (微信未对全部code作出应答：其余code请用新的请求重新发送)";
        match (refused, is_cut_short) {
            (None, false) => Self::default(),
            (None, true) => Self { errcode: BUSY, errmsg: CUT_SHORT.to_owned() },
            (Some(no), false) => Self { errcode: no.errcode, errmsg: no.errmsg },
            (Some(no), true) => Self { errcode: no.errcode, errmsg: format!("{}; {CUT_SHORT}", no.errmsg) },
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use wxgate_wechat::{CallError, Family};

    use super::*;

    fn no() -> Heard<()> {
        Heard::Refused(No { family: Family::AppCall, errcode: 40078, errmsg: "invalid status".to_owned() })
    }

    fn nothing(error: CallError) -> Heard<()> {
        Heard::Nothing(WeChatError::Call(error))
    }

    /// The sum of batches of one code each, `"0"` and so on.
    fn sum(heard: impl IntoIterator<Item = Heard<()>>) -> Result<Sum<()>, Refusal> {
        Sum::of((0..).zip(heard).map(|(number, heard)| (vec![format!("{number}")], heard)).collect())
    }

    #[test]
    fn what_was_cut_short_by_the_clock_is_told_apart_from_what_may_be_in() {
        let sum = sum([
            Heard::Answer(()),
            nothing(CallError::TimedOut),
            nothing(CallError::OutOfTime),
            Heard::NotAsked,
        ]);
        let sum = sum.ok().unwrap();
        assert_eq!(
            (sum.answers.len(), sum.unknown.concat(), sum.untouched.concat()),
            (1, "1".into(), "23".into())
        );
        assert_eq!(sum.verdict.errcode, -1);
    }

    #[test]
    fn a_refusal_keeps_its_number_when_more_went_wrong() {
        let whole = sum([Heard::Answer(()), no()]).ok().unwrap().verdict;
        assert_eq!((whole.errcode, whole.errmsg.as_str()), (40078, "invalid status"));
        let cut_short = sum([no(), nothing(CallError::Status(429))]).ok().unwrap().verdict;
        assert_eq!(cut_short.errcode, 40078);
        assert!(cut_short.errmsg.starts_with("invalid status; WeChat did not answer for all"));
    }

    #[test]
    fn without_any_answer_whatever_leaves_doubt_is_told() {
        let told = |heard: Vec<Heard<()>>| sum(heard).err().unwrap().codes().1;
        assert_eq!(told(vec![nothing(CallError::Status(429)), nothing(CallError::OutOfTime)]), 502);
        assert_eq!(told(vec![nothing(CallError::Status(429)), nothing(CallError::Unreadable)]), 504);
    }
}
