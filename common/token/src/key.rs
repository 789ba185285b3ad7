//! What a token is kept under.

use std::fmt;

/// A kind of token. The name is stored: never rename or reuse one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum TokenKind {
    /// The app's `access_token`; of an account on a third-party platform its
    /// `authorizer_access_token`.
    Access,
    /// The ticket that the signatures of pages with WeChat's JS-SDK are made with.
    JsapiTicket,
    /// The ticket that the signatures of cards are made with.
    CardTicket,
    /// A third-party platform's `component_access_token`.
    Component,
}

impl TokenKind {
    /// The name as stored.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Access => "access",
            Self::JsapiTicket => "jsapi_ticket",
            Self::CardTicket => "card_ticket",
            Self::Component => "component",
        }
    }

    /// Whether it is a ticket: WeChat hands the same one out again while it lives, and says each
    /// time that it has its whole life before it.
    #[must_use]
    pub const fn is_ticket(self) -> bool {
        matches!(self, Self::JsapiTicket | Self::CardTicket)
    }
}

impl fmt::Display for TokenKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// One token of one app, or of one third-party platform.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TokenKey {
    /// The WeChat app (`app_id`), or the platform (`component_appid`).
    pub app: String,
    /// Which of its tokens.
    pub kind: TokenKind,
}

impl TokenKey {
    /// The key of the app's access token.
    #[must_use]
    pub fn access(app: impl Into<String>) -> Self {
        Self { app: app.into(), kind: TokenKind::Access }
    }

    /// The key of the platform's own token.
    #[must_use]
    pub fn component(component_appid: impl Into<String>) -> Self {
        Self { app: component_appid.into(), kind: TokenKind::Component }
    }
}
