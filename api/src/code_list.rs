//! Lists of card codes of any length: WeChat takes them in batches, callers in one piece.

mod batches;

use std::collections::HashSet;
use std::sync::Arc;

use bytes::Bytes;
use futures_util::FutureExt as _;
use serde::Serialize;
use tokio::time::Instant;
use wxgate_wechat::WeChat;
use wxgate_wechat::card::codes::{BATCH, batch};

use self::batches::{Sum, Verdict, ask_each};
use crate::card::{CARD_ID, LONGEST_CODE};
use crate::interface::{Param, ParamKind};
use crate::language::Language;
use crate::once::Work;
use crate::refusal::{Sentence, said};
use crate::upstream::WITHIN;
use crate::values::excess;
use crate::{Answer, Call, Refusal};

const CODE_LIST: &str = "code_list";

/// The declaration.
pub(crate) const CODE_LIST_PARAM: Param = Param::required(
    CODE_LIST,
    ParamKind::Json,
    "Code码列表：JSON字符串数组，数量不限，每个最长20个字符，不能为空或重复",
    "The codes: a JSON array of any length, each of at most 20 characters, none blank and none twice",
)
.such_as(r#"["110201201245","110201201246"]"#);

/// The codes of a request and their card.
pub(crate) struct CodeList {
    card_id: String,
    codes: Vec<String>,
}

impl CodeList {
    pub(crate) fn read(call: &Call<'_>) -> Result<Self, Refusal> {
        let wrong = || {
            Refusal::malformed(
                CODE_LIST,
                said("须为非空的文本JSON数组", "must be a JSON array of texts, and not empty"),
            )
        };
        let codes: Vec<String> = serde_json::from_str(call.required(CODE_LIST)).map_err(|_| wrong())?;
        let mut seen = HashSet::with_capacity(codes.len());
        for (number, code) in (1..).zip(&codes) {
            let is_new = seen.insert(code);
            let flaw = flaw(code).or_else(|| (!is_new).then(|| said("重复", "occurs before")));
            if let Some(flaw) = flaw {
                let zh = format!("第{number}个code{}", flaw.in_language(Language::Chinese));
                return Err(Refusal::malformed(CODE_LIST, said(zh, format!("code {number} {flaw}"))));
            }
        }
        if codes.is_empty() {
            Err(wrong())
        } else {
            Ok(Self { card_id: call.required(CARD_ID).to_owned(), codes })
        }
    }

    /// The body for WeChat, if one batch is enough: its answer can then be handed on as it is.
    pub(crate) fn single_body(&self) -> Option<Bytes> {
        (self.codes.len() <= BATCH).then(|| batch(&self.card_id, &borrowed(&self.codes)))
    }

    /// Brings all of them in.
    pub(crate) fn deposit(self, call: &Call<'_>) -> Work {
        let (wechat, app) = (Arc::clone(&call.gateway.wechat), call.app.app_id.clone());
        async move { self.deposited(&wechat, &app).await }.boxed()
    }

    /// Asks which of them are in.
    pub(crate) fn check(self, call: &Call<'_>) -> Work {
        let (wechat, app) = (Arc::clone(&call.gateway.wechat), call.app.app_id.clone());
        async move { self.checked(&wechat, &app).await }.boxed()
    }

    /// A batch that is refused does not hold up the others: the caller is told which codes to send
    /// again.
    async fn deposited(self, wechat: &WeChat, app: &str) -> Result<Answer, Refusal> {
        let (deadline, card_id) = (Instant::now() + WITHIN, self.card_id.as_str());
        let ask = |codes: Vec<String>| async move {
            wechat.deposit_codes(app, card_id, &borrowed(&codes), deadline).await
        };
        let sum = Sum::of(ask_each(&self.codes, ask).await)?;
        let mut all = Deposited {
            verdict: sum.verdict,
            succ_code: Vec::new(),
            duplicate_code: Vec::new(),
            fail_code: sum.untouched,
            unknown_code: sum.unknown,
        };
        for deposit in sum.answers {
            all.succ_code.extend(deposit.taken);
            all.duplicate_code.extend(deposit.known);
            all.fail_code.extend(deposit.refused);
        }
        Answer::of(&all)
    }

    async fn checked(self, wechat: &WeChat, app: &str) -> Result<Answer, Refusal> {
        let (deadline, card_id) = (Instant::now() + WITHIN, self.card_id.as_str());
        let ask = |codes: Vec<String>| async move {
            wechat.codes_present(app, card_id, &borrowed(&codes), deadline).await
        };
        let sum = Sum::of(ask_each(&self.codes, ask).await)?;
        let unknown_code = [sum.untouched, sum.unknown].concat();
        let mut all = Checked {
            verdict: sum.verdict,
            exist_code: Vec::new(),
            not_exist_code: Vec::new(),
            unknown_code,
        };
        for presence in sum.answers {
            all.exist_code.extend(presence.there);
            all.not_exist_code.extend(presence.missing);
        }
        Answer::of(&all)
    }
}

/// Why it can be no code.
fn flaw(code: &str) -> Option<Sentence> {
    if code.trim().is_empty() {
        Some(said("为空", "is blank"))
    } else if code.chars().any(char::is_control) {
        Some(said("含有控制字符", "has a control character in it"))
    } else {
        excess(code, LONGEST_CODE)
    }
}

fn borrowed(codes: &[String]) -> Vec<&str> {
    codes.iter().map(String::as_str).collect()
}

/// As WeChat answers for a batch.
#[derive(Serialize)]
struct Deposited {
    #[serde(flatten)]
    verdict: Verdict,
    succ_code: Vec<String>,
    duplicate_code: Vec<String>,
    /// Not in.
    fail_code: Vec<String>,
    /// In or not: no answer tells. Ours, and only there when it is needed.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    unknown_code: Vec<String>,
}

/// As WeChat answers for a batch.
#[derive(Serialize)]
struct Checked {
    #[serde(flatten)]
    verdict: Verdict,
    exist_code: Vec<String>,
    not_exist_code: Vec<String>,
    /// As of [`Deposited`].
    #[serde(skip_serializing_if = "Vec::is_empty")]
    unknown_code: Vec<String>,
}
