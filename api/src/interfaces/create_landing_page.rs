//! Makes a page that offers cards.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use wxgate_wechat::Endpoint;

use crate::interface::shape::WECHAT;
use crate::interface::{Answers, Group, Interface, Param, ParamKind};
use crate::once::{Doubt, Work, once};
use crate::refusal::said;
use crate::upstream::{body, pass_on};
use crate::values::{flag, json_objects};
use crate::{Call, Refusal, uri};

const BANNER: &str = "banner";
const PAGE_TITLE: &str = "page_title";
const CAN_SHARE: &str = "can_share";
const SCENE: &str = "scene";
const CARD_LIST: &str = "card_list";

/// Where a page can stand, by WeChat's document.
const SCENES: [&str; 7] = [
    "SCENE_NEAR_BY",
    "SCENE_MENU",
    "SCENE_QRCODE",
    "SCENE_ARTICLE",
    "SCENE_H5",
    "SCENE_IVR",
    "SCENE_CARD_CUSTOM_CELL",
];

/// The declaration. Made twice, there is one page more that nobody has the address of.
pub(super) const INTERFACE: Interface = Interface {
    name: "create_landing_page",
    title_zh: "创建卡券货架",
    title_en: "Make a page that offers cards",
    group: Group::Cards,
    params: &[
        Param::required(
            BANNER,
            ParamKind::Url,
            "页面的banner图片地址，640*300",
            "The page's banner: a picture of 640 by 300",
        )
        .such_as("http://mmbiz.qpic.cn/mmbiz_jpg/sandbox/0"),
        Param::required(PAGE_TITLE, ParamKind::Text, "页面标题", "The page's title")
            .such_as("惠城优惠大派送"),
        Param::required(
            CAN_SHARE,
            ParamKind::Flag,
            "页面是否可以分享，0或1",
            "Whether the page can be shared: 0 or 1",
        )
        .such_as("1"),
        Param::required(
            SCENE,
            ParamKind::Choice(&SCENES),
            "投放页面的场景值，如SCENE_H5",
            "Where the page will stand, such as SCENE_H5",
        )
        .such_as("SCENE_H5"),
        Param::required(
            CARD_LIST,
            ParamKind::Json,
            "卡券列表：JSON数组，每项含card_id和thumb_url",
            "The cards: a JSON array of objects with card_id and thumb_url",
        )
        .such_as(r#"[{"card_id":"pSandboxCard01","thumb_url":"http://mmbiz.qpic.cn/mmbiz_jpg/sandbox/0"}]"#),
    ],
    answers: Answers::with(WECHAT),
    effect: true,
    secret: false,
    run: |call| Box::pin(once(call, Doubt::DoAgain, work(call))),
};

/// As WeChat takes it.
#[derive(Serialize)]
struct Shelf<'a> {
    banner: Cow<'a, str>,
    page_title: &'a str,
    can_share: bool,
    scene: &'a str,
    card_list: Vec<&'a RawValue>,
}

fn work(call: &Call<'_>) -> Result<Work, Refusal> {
    let scene = call.required(SCENE);
    if !SCENES.contains(&scene) {
        return Err(Refusal::malformed(
            SCENE,
            said(format!("须为{}之一", SCENES.join("、")), format!("must be one of {}", SCENES.join(", "))),
        ));
    }
    let card_list = json_objects(CARD_LIST, call.required(CARD_LIST))?;
    for (number, card) in (1..).zip(&card_list) {
        expect_whole(number, card)?;
    }
    let shelf = Shelf {
        banner: uri::with_scheme(uri::web(BANNER, call.required(BANNER))?),
        page_title: call.required(PAGE_TITLE),
        can_share: flag(call, CAN_SHARE)?,
        scene,
        card_list,
    };
    Ok(pass_on(call, Endpoint::CreateCardPage, body(&shelf)?))
}

/// What every card of a page has.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Card<'a> {
    #[serde(borrow)]
    card_id: Cow<'a, str>,
    #[serde(borrow)]
    thumb_url: Cow<'a, str>,
}

fn expect_whole(number: usize, card: &RawValue) -> Result<(), Refusal> {
    let card: Card<'_> = serde_json::from_str(card.get()).unwrap_or_default();
    if !card.card_id.is_empty() && !card.thumb_url.is_empty() {
        return Ok(());
    }
    Err(Refusal::malformed(
        CARD_LIST,
        said(
            format!("第{number}项缺少card_id或thumb_url"),
            format!("entry {number} has no card_id or no thumb_url"),
        ),
    ))
}
