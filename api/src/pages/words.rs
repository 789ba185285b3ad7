//! What is written on the card pages, in both languages.

use crate::language::Language;

/// The words of one language.
#[derive(Debug)]
pub(super) struct Words {
    pub(super) take: &'static str,
    pub(super) opening: &'static str,
    pub(super) elsewhere: &'static str,
    pub(super) taken: &'static str,
    pub(super) failed: &'static str,
    pub(super) again: &'static str,
    pub(super) code: &'static str,
    pub(super) show_it: &'static str,
    pub(super) bar_code: &'static str,
    pub(super) qr_code: &'static str,
}

impl Words {
    pub(super) fn of(language: Language) -> &'static Self {
        language.pick(&CHINESE, &ENGLISH)
    }
}

static CHINESE: Words = Words {
    take: "领取卡券",
    opening: "正在打开，请稍候…",
    elsewhere: "请在微信中打开此页面领取卡券。",
    taken: "领取成功，卡券已放入您的卡包。",
    failed: "未能领取，请重试。",
    again: "重试",
    code: "卡券码",
    show_it: "使用时请向店员出示",
    bar_code: "条形码",
    qr_code: "二维码",
};

static ENGLISH: Words = Words {
    take: "Take the card",
    opening: "Opening, one moment…",
    elsewhere: "Please open this page in WeChat to take the card.",
    taken: "Done. The card is in your WeChat now.",
    failed: "That did not work. Please try again.",
    again: "Try again",
    code: "Card code",
    show_it: "Show this to the staff when you use it",
    bar_code: "Bar code",
    qr_code: "QR code",
};
