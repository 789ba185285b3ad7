//! What interfaces are about: how lists of them are divided.

/// One such matter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Group {
    /// Logins, and what is known of users.
    Springboards,
    /// Messages to users.
    Messages,
    /// Pages on which cards are taken and shown.
    CardPages,
    /// Cards that users have.
    UsersCards,
    /// Kinds of card: made, offered, supplied.
    Cards,
    /// Short links and QR codes.
    Links,
    /// Files.
    Media,
    /// What was accepted to be done later.
    Jobs,
}

impl Group {
    /// All of them, in the order in which they are listed.
    pub const ALL: [Self; 8] = [
        Self::Messages,
        Self::Jobs,
        Self::Springboards,
        Self::UsersCards,
        Self::CardPages,
        Self::Cards,
        Self::Links,
        Self::Media,
    ];

    /// Its name in Chinese and in English.
    #[must_use]
    pub const fn titles(self) -> (&'static str, &'static str) {
        match self {
            Self::Springboards => ("跳板与用户信息", "Logins and users"),
            Self::Messages => ("消息", "Messages"),
            Self::CardPages => ("卡券页面", "Card pages"),
            Self::UsersCards => ("用户的卡券与会员卡", "Users' cards"),
            Self::Cards => ("卡券制作与投放", "Making and offering cards"),
            Self::Links => ("短链接与二维码", "Short links and QR codes"),
            Self::Media => ("媒体文件", "Media"),
            Self::Jobs => ("任务", "Jobs"),
        }
    }
}
