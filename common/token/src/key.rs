//! What a token is kept under.

use std::fmt;

/// A kind of token. The name is stored: never rename or reuse one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum TokenKind {
    /// The app's `access_token`.
    Access,
}

impl TokenKind {
    /// The name as stored.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Access => "access",
        }
    }
}

impl fmt::Display for TokenKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// One token of one app.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TokenKey {
    /// The WeChat app (`app_id`).
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
}
