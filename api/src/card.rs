//! What the card interfaces have in common.

use serde::Serialize;

use crate::interface::example::CARD;
use crate::interface::{Limit, Param, ParamKind};
use crate::values::within;
use crate::{Call, Refusal};

/// The parameter that names a kind of card.
pub(crate) const CARD_ID: &str = "card_id";
/// The parameter that names one copy of a card.
pub(crate) const CODE: &str = "code";

/// The longest code, and the longest number of a member card: the document's `string(20)`.
pub(crate) const LONGEST_CODE: Limit = Limit::Characters(20);
/// The longest value of a custom field: the document's 12 bytes.
pub(crate) const LONGEST_FIELD: Limit = Limit::Bytes(12);

/// The declaration of a required card.
pub(crate) const CARD_ID_PARAM: Param =
    Param::required(CARD_ID, ParamKind::Text, "卡券ID", "The card").such_as(CARD);

/// One copy of a card, as WeChat wants it named.
#[derive(Serialize)]
pub(crate) struct CardCode<'a> {
    code: &'a str,
    card_id: &'a str,
}

impl<'a> CardCode<'a> {
    pub(crate) fn read(call: &'a Call<'_>) -> Result<Self, Refusal> {
        Ok(Self { code: code(call)?, card_id: call.required(CARD_ID) })
    }
}

/// The required code.
pub(crate) fn code<'c>(call: &'c Call<'_>) -> Result<&'c str, Refusal> {
    within(CODE, call.required(CODE), LONGEST_CODE)
}
