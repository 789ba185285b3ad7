//! A kind of card as its maker describes it.

use std::borrow::Cow;
use std::fmt;

use serde_json::{Map, Value};

use super::rules::{
    self, CODE_TYPES, CardType, LARGEST_STOCK, LONGEST, LONGEST_PREROGATIVE, REQUIRED, UNCONFIRMED,
};

/// What is wrong, or perhaps wrong, with a card. `Display` names the field; it never shows a value.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{field} {problem}")]
pub struct Flaw {
    /// The field's path, such as `card.groupon.base_info.title`.
    pub field: String,
    /// What is wrong with it.
    pub problem: Problem,
}

impl Flaw {
    pub(super) fn new(field: impl Into<String>, problem: Problem) -> Self {
        Self { field: field.into(), problem }
    }
}

/// What is wrong with a field. The last five are doubts: WeChat may take it all the same.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Problem {
    /// No JSON; why.
    #[error("is not JSON ({0})")]
    NotJson(String),
    /// Absent or empty.
    #[error("is missing")]
    Missing,
    /// Something else than an object.
    #[error("must be an object")]
    NotAnObject,
    /// Something else than text.
    #[error("must be text")]
    NotText,
    /// Over a limit that is known for sure.
    #[error("is longer than {bytes} bytes")]
    TooLong {
        /// The limit.
        bytes: usize,
    },
    /// None of the values that there are.
    #[error("must be one of {}", .0.join(", "))]
    NotOneOf(Vec<&'static str>),
    /// No number of cards.
    #[error("must be a whole number of at most {most}")]
    NotAStock {
        /// The limit.
        most: u64,
    },
    /// Over a limit that no source confirms.
    #[error("may be too long: {characters} characters are said to be the limit")]
    PerhapsTooLong {
        /// The limit.
        characters: usize,
    },
    /// A value that no source names.
    #[error("is none of those that are known")]
    Unknown,
    /// The same, of a colour.
    #[error("is none of those that are known: Color010 to Color100")]
    UnknownColor,
    /// No stock although the codes are WeChat's.
    #[error("is 0, which is said to be for cards with deposited codes")]
    NoStock,
    /// A range of time without a length.
    #[error("is not after begin_timestamp")]
    EndsBeforeItBegins,
}

/// The body of a request to make a card. WeChat does not certainly refuse it: all that is required
/// is there, and no text is over a limit that is known for sure.
#[derive(Clone)]
pub struct CardDraft<'t> {
    body: Cow<'t, str>,
    doubts: Vec<Flaw>,
}

impl<'t> CardDraft<'t> {
    /// Reads `{"card":{…}}` as WeChat takes it.
    ///
    /// # Errors
    /// [`Flaw`], the first for which WeChat would certainly refuse the card.
    pub fn read(text: &'t str) -> Result<Self, Flaw> {
        let whole = parse(text)?;
        let (card_type, content) = content(&whole)?;
        let content = Part { path: format!("card.{}", card_type.member), fields: content };
        content.required(card_type.required)?;
        content.fits(LONGEST_PREROGATIVE)?;
        let base = content.object("base_info")?;
        base.texts(REQUIRED)?;
        LONGEST.iter().try_for_each(|limit| base.fits(*limit))?;
        let mut doubts = base.doubts();
        base.check_stock(&mut doubts)?;
        base.object("date_info")?.check_dates(&mut doubts)?;
        // WeChat takes no \uXXXX escapes: written anew, characters stand for themselves.
        let body = if text.contains("\\u") { whole.to_string().into() } else { Cow::Borrowed(text) };
        Ok(Self { body, doubts })
    }

    /// What to send: the text byte for byte, unless it had `\uXXXX` escapes, which WeChat refuses.
    #[must_use]
    pub fn body(&self) -> &str {
        &self.body
    }

    /// What WeChat may refuse: no source says for sure.
    #[must_use]
    pub fn doubts(&self) -> &[Flaw] {
        &self.doubts
    }
}

// The text is the caller's.
impl fmt::Debug for CardDraft<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CardDraft").field("doubts", &self.doubts).finish_non_exhaustive()
    }
}

fn parse(text: &str) -> Result<Value, Flaw> {
    serde_json::from_str(text).map_err(|error| Flaw::new("the card", Problem::NotJson(error.to_string())))
}

/// The type of the card and the member that describes it.
fn content(whole: &Value) -> Result<(&'static CardType, &Map<String, Value>), Flaw> {
    let card = whole.get("card").and_then(Value::as_object).ok_or_else(|| missing("card"))?;
    let name = card.get("card_type").and_then(Value::as_str).ok_or_else(|| missing("card.card_type"))?;
    let card_type = rules::card_type(name)?;
    let content = card.get(card_type.member).and_then(Value::as_object);
    Ok((card_type, content.ok_or_else(|| missing(format!("card.{}", card_type.member)))?))
}

/// The card's text with `url` as its logo, whatever stood there.
///
/// # Errors
/// [`Flaw`] when the text has no place for it.
pub fn with_logo(text: &str, url: &str) -> Result<String, Flaw> {
    let mut whole = parse(text)?;
    let member = content(&whole)?.0.member;
    let base = whole.pointer_mut(&format!("/card/{member}/base_info")).and_then(Value::as_object_mut);
    let base = base.ok_or_else(|| missing(format!("card.{member}.base_info")))?;
    base.insert("logo_url".to_owned(), url.into());
    Ok(whole.to_string())
}

fn missing(field: impl Into<String>) -> Flaw {
    Flaw::new(field, Problem::Missing)
}

/// An object within the card, and where it is.
struct Part<'c> {
    path: String,
    fields: &'c Map<String, Value>,
}

impl<'c> Part<'c> {
    fn flaw(&self, name: &str, problem: Problem) -> Flaw {
        Flaw::new(format!("{}.{name}", self.path), problem)
    }

    /// A field that was given.
    fn given(&self, name: &str) -> Result<&'c Value, Flaw> {
        let value = self.fields.get(name).filter(|value| !value.is_null() && *value != "");
        value.ok_or_else(|| self.flaw(name, Problem::Missing))
    }

    fn text(&self, name: &str) -> &'c str {
        self.fields.get(name).and_then(Value::as_str).unwrap_or_default()
    }

    fn object(&self, name: &str) -> Result<Part<'c>, Flaw> {
        let fields = self.given(name)?.as_object().ok_or_else(|| self.flaw(name, Problem::NotAnObject))?;
        Ok(Part { path: format!("{}.{name}", self.path), fields })
    }

    fn required(&self, names: &[&str]) -> Result<(), Flaw> {
        names.iter().try_for_each(|name| self.given(name).map(drop))
    }

    fn texts(&self, names: &[&str]) -> Result<(), Flaw> {
        let not_a_text = |name: &&&str| self.given(name).is_ok_and(|value| !value.is_string());
        self.required(names)?;
        names.iter().find(not_a_text).map_or(Ok(()), |name| Err(self.flaw(name, Problem::NotText)))
    }

    fn fits(&self, (name, bytes): (&str, usize)) -> Result<(), Flaw> {
        if self.text(name).len() > bytes { Err(self.flaw(name, Problem::TooLong { bytes })) } else { Ok(()) }
    }

    /// What may be wrong with the texts of `base_info`.
    fn doubts(&self) -> Vec<Flaw> {
        let long = UNCONFIRMED.iter().filter(|(name, most)| self.text(name).chars().count() > *most);
        let long = long.map(|(name, most)| self.flaw(name, Problem::PerhapsTooLong { characters: *most }));
        let code_type =
            (!CODE_TYPES.contains(&self.text("code_type"))).then(|| self.flaw("code_type", Problem::Unknown));
        let color = (!rules::is_color(self.text("color"))).then(|| self.flaw("color", Problem::UnknownColor));
        long.chain(code_type).chain(color).collect()
    }

    /// Of `base_info`: only where codes are deposited may there be no stock yet.
    fn check_stock(&self, doubts: &mut Vec<Flaw>) -> Result<(), Flaw> {
        let sku = self.object("sku")?;
        let quantity = sku.given("quantity")?.as_u64();
        let quantity = quantity
            .filter(|quantity| *quantity <= LARGEST_STOCK)
            .ok_or_else(|| sku.flaw("quantity", Problem::NotAStock { most: LARGEST_STOCK }))?;
        if quantity == 0 && self.text("get_custom_code_mode") != "GET_CUSTOM_CODE_MODE_DEPOSIT" {
            doubts.push(sku.flaw("quantity", Problem::NoStock));
        }
        Ok(())
    }

    /// Of `date_info`. The oldest document has 1 and 2 for the two commonest types.
    fn check_dates(&self, doubts: &mut Vec<Flaw>) -> Result<(), Flaw> {
        let kind = self.given("type")?;
        match (kind.as_str(), kind.as_i64()) {
            (Some("DATE_TYPE_FIX_TIME_RANGE"), _) | (_, Some(1)) => {
                self.required(&["begin_timestamp", "end_timestamp"])?;
                let [begin, end] =
                    ["begin_timestamp", "end_timestamp"].map(|name| self.fields[name].as_i64());
                if begin >= end {
                    doubts.push(self.flaw("end_timestamp", Problem::EndsBeforeItBegins));
                }
            }
            (Some("DATE_TYPE_FIX_TERM"), _) | (_, Some(2)) => self.required(&["fixed_term"])?,
            (Some("DATE_TYPE_PERMANENT"), _) => {}
            _ => doubts.push(self.flaw("type", Problem::Unknown)),
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
