//! Pushes to a third-party platform about itself and the apps that authorise it.

use wxgate_secret::Secret;

use crate::push::{created_at, digest};
use crate::{Fields, Incomplete};

/// One notice.
#[derive(Clone, Debug)]
pub struct Notice {
    /// When WeChat made it (Unix seconds).
    pub created_at: i64,
    /// What it tells.
    pub kind: NoticeKind,
}

/// What a notice tells.
#[derive(Clone, Debug)]
pub enum NoticeKind {
    /// A new ticket, without which the platform can fetch no token. One comes every ten minutes.
    VerifyTicket(Secret),
    /// An app has authorised the platform, or changed what it grants.
    Authorized {
        /// The app.
        app: String,
        /// Is exchanged for the app's refresh token.
        code: Secret,
    },
    /// An app has withdrawn its authorisation.
    Unauthorized {
        /// The app.
        app: String,
    },
    /// Anything else.
    Other {
        /// `InfoType`.
        name: String,
    },
}

impl Notice {
    /// Reads what a notice says.
    ///
    /// # Errors
    /// [`Incomplete`], naming the first field that is missing or makes no sense.
    pub fn read(fields: &Fields) -> Result<Self, Incomplete> {
        let required = |name| fields.get(name).ok_or(Incomplete(name));
        let app = || required("AuthorizerAppid").map(str::to_owned);
        let kind = match required("InfoType")? {
            "component_verify_ticket" => {
                NoticeKind::VerifyTicket(Secret::new(required("ComponentVerifyTicket")?))
            }
            "authorized" | "updateauthorized" => {
                NoticeKind::Authorized { app: app()?, code: Secret::new(required("AuthorizationCode")?) }
            }
            "unauthorized" => NoticeKind::Unauthorized { app: app()? },
            other => NoticeKind::Other { name: other.to_owned() },
        };
        Ok(Self { created_at: created_at(fields)?, kind })
    }

    /// Tells this notice from others.
    #[must_use]
    pub fn identity(&self) -> [u8; 16] {
        let created_at = self.created_at.to_string();
        match &self.kind {
            NoticeKind::VerifyTicket(ticket) => digest(&["ticket", &created_at, ticket.expose()]),
            NoticeKind::Authorized { app, code } => digest(&["authorized", &created_at, app, code.expose()]),
            NoticeKind::Unauthorized { app } => digest(&["unauthorized", &created_at, app]),
            NoticeKind::Other { name } => digest(&["other", &created_at, name]),
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use super::*;

    fn notice(kind: &str, rest: &str) -> Result<Notice, Incomplete> {
        let head = "<AppId>wxp</AppId><CreateTime>1700000000</CreateTime>";
        let xml = format!("<xml>{head}<InfoType>{kind}</InfoType>{rest}</xml>");
        Notice::read(&Fields::read(xml.as_bytes()).unwrap())
    }

    const AUTHORISED: &str =
        "<AuthorizerAppid>wx1</AuthorizerAppid><AuthorizationCode>code@1</AuthorizationCode>";

    #[test]
    fn tickets_and_authorisations_are_read() {
        let ticket = notice("component_verify_ticket", "<ComponentVerifyTicket>t@1</ComponentVerifyTicket>");
        assert!(matches!(ticket.unwrap().kind, NoticeKind::VerifyTicket(ticket) if ticket.expose() == "t@1"));
        for name in ["authorized", "updateauthorized"] {
            let NoticeKind::Authorized { app, code } = notice(name, AUTHORISED).unwrap().kind else {
                panic!("{name}")
            };
            assert_eq!((app.as_str(), code.expose()), ("wx1", "code@1"));
        }
        let withdrawn = notice("unauthorized", AUTHORISED).unwrap();
        assert!(matches!(withdrawn.kind, NoticeKind::Unauthorized { app } if app == "wx1"));
        let other = notice("notify_third_fasteregister", "").unwrap();
        assert!(matches!(other.kind, NoticeKind::Other { .. }));
    }

    #[test]
    fn what_is_missing_is_named() {
        let missing = |kind, rest| notice(kind, rest).unwrap_err().0;
        assert_eq!(missing("component_verify_ticket", ""), "ComponentVerifyTicket");
        assert_eq!(missing("authorized", ""), "AuthorizerAppid");
        assert_eq!(missing("authorized", "<AuthorizerAppid>wx1</AuthorizerAppid>"), "AuthorizationCode");
        assert_eq!(missing("", ""), "InfoType");
    }

    #[test]
    fn notices_of_one_moment_are_told_apart() {
        let identity = |kind, rest: &str| notice(kind, rest).unwrap().identity();
        assert_eq!(identity("authorized", AUTHORISED), identity("authorized", AUTHORISED));
        assert_ne!(identity("authorized", AUTHORISED), identity("unauthorized", AUTHORISED));
        assert_ne!(
            identity("authorized", AUTHORISED),
            identity("authorized", &AUTHORISED.replace("@1", "@2"))
        );
        assert_ne!(
            identity("unauthorized", AUTHORISED),
            identity("unauthorized", &AUTHORISED.replace("wx1", "wx2"))
        );
    }
}
