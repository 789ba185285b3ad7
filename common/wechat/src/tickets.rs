//! Tickets for signatures ([`crate::signature`]), and tokens for those who are entitled to them.

use tokio::time::Instant;
use wxgate_token::{Token, TokenKey, TokenKind};

use crate::client::WeChat;
use crate::errcode::Family;
use crate::error::WeChatError;

/// Which signatures a ticket is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum TicketKind {
    /// Of pages that use the JS-SDK.
    Jsapi,
    /// Of cards.
    Card,
}

impl TicketKind {
    fn key(self, app_id: &str) -> TokenKey {
        let kind = match self {
            Self::Jsapi => TokenKind::JsapiTicket,
            Self::Card => TokenKind::CardTicket,
        };
        TokenKey { app: app_id.to_owned(), kind }
    }
}

impl WeChat {
    /// The app's ticket. Kept like a token; [`Token::generation`] tells one from the next.
    ///
    /// # Errors
    /// [`WeChatError`], by the deadline.
    pub async fn ticket(
        &self,
        app_id: &str,
        kind: TicketKind,
        deadline: Instant,
    ) -> Result<Token, WeChatError> {
        self.caller(kind.key(app_id), Family::AppCall).token(deadline).await
    }

    /// A signature made with the ticket of this `generation` was found wrong. WeChat may have
    /// replaced the ticket early, so it is renewed behind, once; until then it serves on, since the
    /// complaint may be anybody's.
    pub fn doubt_ticket(&self, app_id: &str, kind: TicketKind, generation: i64) {
        self.tokens().doubt(&kind.key(app_id), generation);
    }

    /// The app's access token as it is now; for an app on a platform its
    /// `authorizer_access_token`.
    ///
    /// # Errors
    /// [`WeChatError`], by the deadline.
    pub async fn access_token(&self, app_id: &str, deadline: Instant) -> Result<Token, WeChatError> {
        self.as_app(app_id).token(deadline).await
    }

    /// The platform's own token as it is now.
    ///
    /// # Errors
    /// [`WeChatError`], by the deadline.
    pub async fn component_token(
        &self,
        component_appid: &str,
        deadline: Instant,
    ) -> Result<Token, WeChatError> {
        self.as_platform(component_appid).token(deadline).await
    }
}
