//! Springboards: a key under which a login, or the data of a card page, is kept for a caller.

/// What a key stands for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Springboard {
    /// 32 hex digits.
    pub key: String,
    /// Whose it is.
    pub client: String,
    /// For which app.
    pub app: String,
    /// Which interface made it, and what was sent to it.
    pub purpose: Purpose,
    /// What is known of the user (a JSON object), once there has been a login or the caller has set it.
    pub user: Option<String>,
}

/// What a springboard is for.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(tag = "purpose", rename_all = "snake_case")]
pub enum Purpose {
    /// A login through WeChat.
    Login {
        /// Where the browser goes at last, as the caller sent it.
        redirect_uri: String,
        /// The documented `oauth_type`: `oauth_snsapi_base` or `oauth_snsapi_userinfo`.
        oauth_type: String,
        /// Data only under a fresh key, which the browser alone is given.
        bind: bool,
    },
    /// A login that never asks WeChat, for callers' tests.
    TestLogin {
        /// Where the browser goes.
        redirect_uri: String,
    },
    /// The fresh key of a bound login.
    Bound,
    /// A page that lets a user take a card.
    TakeCard(CardPage),
    /// A page that shows a card's code.
    ShowCode(CardPage),
}

/// What the two card pages need.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct CardPage {
    /// The card to take; empty on a page that shows a code.
    pub card_id: String,
    /// The code to show; empty on a page that lets a user take a card.
    pub code: String,
    /// Where the button leads, as the caller sent it.
    pub redirect_uri: String,
    /// What the button says.
    pub redirect_uri_name: String,
    /// As the caller sent it.
    pub main_color: String,
    /// As the caller sent it.
    pub show_btn: String,
    /// The scene, as the caller sent it; may be empty.
    pub outer_id: String,
    /// Where to go after success, as the caller sent it; may be empty.
    pub success_uri: String,
}

/// What became of the wish to complete a login.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Login {
    /// Complete it.
    Yours(Box<Springboard>),
    /// The same browser, within 60 s: it was sent here.
    Repeat {
        /// The address.
        redirect: String,
    },
    /// The login is being completed, with this code or another: ask again in a moment.
    Busy,
    /// The state was used, with another code or too long ago.
    Used,
    /// There is no such state, or it is no login's.
    Unknown,
}

/// How a login ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LoginEnd {
    /// What is known of the user (a JSON object).
    pub user: String,
    /// Where the browser is sent.
    pub redirect: String,
    /// The fresh key that the data is kept under, for a bound login.
    pub bound: Option<String>,
}
