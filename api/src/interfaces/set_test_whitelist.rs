//! Says who may take cards that are not approved yet.

use serde::Serialize;
use wxgate_wechat::Endpoint;

use crate::interface::shape::WECHAT;
use crate::interface::{Answers, Group, Interface, Param, ParamKind};
use crate::once::{Doubt, Work, once};
use crate::refusal::said;
use crate::upstream::{body, pass_on};
use crate::{Call, Refusal};

const OPENID: &str = "openid";
const USERNAME: &str = "username";
const EITHER: &str = "openid or username";

/// Testers of one app, by WeChat's document.
const MOST: usize = 10;

/// The declaration. The whole list each time, so twice is like once.
pub(super) const INTERFACE: Interface = Interface {
    name: "set_test_whitelist",
    title_zh: "设置测试白名单",
    title_en: "Say who may test cards",
    group: Group::Cards,
    params: &[
        Param::optional(
            OPENID,
            ParamKind::Json,
            "测试者的openid列表，JSON字符串数组；每次须传入全部测试者，与username合计不超过10个",
            "The testers' openids, a JSON array: all of them each time, at most 10 together with username",
        )
        .such_as(r#"["oSandboxUser01"]"#),
        Param::optional(
            USERNAME,
            ParamKind::Json,
            "测试者的微信号列表，JSON字符串数组",
            "The testers' WeChat names, a JSON array",
        ),
    ],
    answers: Answers::with(WECHAT),
    effect: true,
    secret: false,
    run: |call| Box::pin(once(call, Doubt::DoAgain, work(call))),
};

/// As WeChat takes it: an empty list clears, so one that was not given is left out.
#[derive(Serialize)]
struct Testers {
    openid: Option<Vec<String>>,
    username: Option<Vec<String>>,
}

fn work(call: &Call<'_>) -> Result<Work, Refusal> {
    let testers = Testers { openid: names(call, OPENID)?, username: names(call, USERNAME)? };
    let lists = [&testers.openid, &testers.username];
    if lists.iter().all(|list| list.is_none()) {
        return Err(Refusal::Missing { name: EITHER });
    }
    if lists.into_iter().flatten().map(Vec::len).sum::<usize>() > MOST {
        return Err(Refusal::malformed(
            OPENID,
            said(
                format!("与username合计超过{MOST}人"),
                format!("and username are more than {MOST} testers together"),
            ),
        ));
    }
    Ok(pass_on(call, Endpoint::SetCardTesters, body(&testers)?))
}

fn names(call: &Call<'_>, name: &'static str) -> Result<Option<Vec<String>>, Refusal> {
    let Some(text) = call.given(name) else { return Ok(None) };
    let names: Option<Vec<String>> = serde_json::from_str(text).ok();
    let names = names.filter(|names| names.iter().all(|name| !name.trim().is_empty()));
    names.map(Some).ok_or_else(|| {
        Refusal::malformed(
            name,
            said("须为非空文本的JSON数组", "must be a JSON array of texts, none of them blank"),
        )
    })
}
