//! Calls whose JSON passes through byte for byte, both ways: the gateway's callers write what
//! WeChat takes and read what WeChat answers, refusals included.

use bytes::Bytes;
use tokio::time::Instant;

use crate::answer::Answer;
use crate::authorised::accepted;
use crate::call::post;
use crate::client::WeChat;
use crate::errcode::{Class, Family, classify, is_unauthorised};
use crate::error::{Refusal, WeChatError};

macro_rules! passed_through {
    ($($(#[$doc:meta])* $endpoint:ident $method:ident $path:literal;)*) => {
        /// An interface of WeChat's that takes JSON with an app's token and answers JSON.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Endpoint {
            $($(#[$doc])* $endpoint,)*
        }

        impl Endpoint {
            /// Every one.
            pub const ALL: [Self; [$($path),*].len()] = [$(Self::$endpoint),*];

            /// Its path on WeChat's API host.
            #[must_use]
            pub const fn path(self) -> &'static str {
                match self {
                    $(Self::$endpoint => $path,)*
                }
            }
        }

        /// Calls whose JSON passes through; all as [`WeChat::call_json`].
        impl WeChat {
            $($(#[$doc])*
            ///
            /// # Errors
            /// As [`Self::call_json`].
            pub async fn $method(
                &self,
                app_id: &str,
                body: Bytes,
                deadline: Instant,
            ) -> Result<Answer, WeChatError> {
                self.call_json(app_id, Endpoint::$endpoint, body, deadline).await
            })*
        }
    };
}

passed_through! {
    /// Sends a customer-service message.
    SendCustomMessage send_custom_message "/cgi-bin/message/custom/send";
    /// Makes a QR code that leads to the account.
    CreateQrCode create_qrcode "/cgi-bin/qrcode/create";
    /// Makes a kind of card.
    CreateCard create_card "/card/create";
    /// Reads a kind of card.
    GetCard get_card "/card/get";
    /// Raises or lowers how many copies of a card can be taken.
    ModifyCardStock modify_card_stock "/card/modifystock";
    /// Makes a QR code by which a card is taken.
    CreateCardQrCode create_card_qrcode "/card/qrcode/create";
    /// Makes a page that offers cards.
    CreateCardPage create_card_page "/card/landingpage/create";
    /// Reads the HTML by which an article offers a card.
    GetCardHtml get_card_html "/card/mpnews/gethtml";
    /// Says who may take cards that are not approved yet.
    SetCardTesters set_card_testers "/card/testwhitelist/set";
    /// Consumes a card code.
    ConsumeCardCode consume_card_code "/card/code/consume";
    /// Makes a card code unusable for good.
    DisableCardCode disable_card_code "/card/code/unavailable";
    /// Decrypts the card code that WeChat hands to pages.
    DecryptCardCode decrypt_card_code "/card/code/decrypt";
    /// Reads the state of a card code.
    GetCardCode get_card_code "/card/code/get";
    /// Imports card codes of the merchant's own.
    DepositCardCodes deposit_card_codes "/card/code/deposit";
    /// Counts the imported card codes.
    CountCardCodes count_card_codes "/card/code/getdepositcount";
    /// Tells which card codes were imported.
    CheckCardCodes check_card_codes "/card/code/checkcode";
    /// Lists the cards that a user has taken.
    ListUserCards list_user_cards "/card/user/getcardlist";
    /// Activates a member card.
    ActivateMemberCard activate_member_card "/card/membercard/activate";
    /// Changes a member's bonus, balance and fields.
    UpdateMemberCard update_member_card "/card/membercard/updateuser";
}

impl WeChat {
    /// Posts `body`, which is the JSON that `endpoint` takes in UTF-8, and answers what WeChat
    /// says, both byte for byte. A token that WeChat refuses is renewed and the call made once
    /// more, unseen by the caller.
    ///
    /// What WeChat refuses is an answer too, with [`Answer::errcode`] other than 0. The errors are
    /// what the caller could do nothing about: the token is refused a second time, or the account
    /// has not authorised its platform.
    ///
    /// `deadline` is checked immediately before the request is written, and nothing is waited for
    /// beyond it.
    ///
    /// # Errors
    /// [`WeChatError`]; [`crate::CallError::is_ambiguous`] tells when the call may have taken
    /// effect all the same.
    pub async fn call_json(
        &self,
        app_id: &str,
        endpoint: Endpoint,
        body: Bytes,
        deadline: Instant,
    ) -> Result<Answer, WeChatError> {
        let url = self.endpoints().passed_through(endpoint);
        let caller = self.as_app(app_id);
        let answer: Answer = caller
            .call(deadline, |token| Ok(post(url, &[("access_token", token.expose())], body.clone())))
            .await?;
        callers_own(caller.family, answer)
    }

    /// As [`Self::call_json`], for those who cannot go on after a refusal: it is an error.
    ///
    /// # Errors
    /// [`WeChatError`].
    pub async fn ask_json(
        &self,
        app_id: &str,
        endpoint: Endpoint,
        body: Bytes,
        deadline: Instant,
    ) -> Result<Answer, WeChatError> {
        accepted(Family::AppCall, self.call_json(app_id, endpoint, body, deadline).await?)
    }
}

/// The answer, if its success or refusal is about what the caller asked for.
pub(crate) fn callers_own(family: Family, answer: Answer) -> Result<Answer, WeChatError> {
    let errcode = answer.errcode();
    if errcode == 0 || classify(family, errcode) != Class::RefreshToken && !is_unauthorised(errcode) {
        return Ok(answer);
    }
    Err(WeChatError::Refused(Refusal::of(family, &answer)))
}
