//! A card as an app wants it, checked for what WeChat certainly refuses.

use serde_json::{Map, Value};

use super::{colors, text};
use crate::errcode::{
    DATA_FORMAT, Errcode, FIELD_SIZE, INVALID_ACTION_INFO, INVALID_CARD_TYPE, INVALID_CODE_TYPE,
    INVALID_CUSTOM_FIELD, INVALID_QUANTITY, INVALID_TIME, REQUIRED_FIELD_MISSING, Refusal,
};

/// Most copies of one kind (documented: 100,000,000).
pub(super) const LARGEST_STOCK: u64 = 100_000_000;
/// Copies that one user may take unless the app says otherwise (documented: 50).
const USUAL_GET_LIMIT: u64 = 50;

/// A type of card: its name, the member that describes it, and what that requires beside
/// `base_info`.
#[derive(Debug)]
pub(super) struct CardType {
    pub(super) name: &'static str,
    pub(super) field: &'static str,
    required: &'static [&'static str],
}

const MEMBER_CARD: &str = "MEMBER_CARD";

const TYPES: &[CardType] = &[
    CardType { name: "GROUPON", field: "groupon", required: &["deal_detail"] },
    CardType { name: "CASH", field: "cash", required: &["least_cost", "reduce_cost"] },
    CardType { name: "DISCOUNT", field: "discount", required: &["discount"] },
    CardType { name: "GIFT", field: "gift", required: &["gift"] },
    CardType { name: "GENERAL_COUPON", field: "general_coupon", required: &["default_detail"] },
    CardType {
        name: MEMBER_CARD,
        field: "member_card",
        required: &["prerogative", "supply_bonus", "supply_balance"],
    },
    CardType { name: "GENERAL_CARD", field: "general_card", required: &[] },
    CardType { name: "SCENIC_TICKET", field: "scenic_ticket", required: &[] },
    CardType { name: "MOVIE_TICKET", field: "movie_ticket", required: &[] },
    CardType { name: "BOARDING_PASS", field: "boarding_pass", required: &[] },
    CardType { name: "MEETING_TICKET", field: "meeting_ticket", required: &[] },
    CardType { name: "BUS_TICKET", field: "bus_ticket", required: &[] },
];

const CODE_TYPES: &[&str] = &[
    "CODE_TYPE_TEXT",
    "CODE_TYPE_BARCODE",
    "CODE_TYPE_QRCODE",
    "CODE_TYPE_ONLY_BARCODE",
    "CODE_TYPE_ONLY_QRCODE",
    "CODE_TYPE_NONE",
];

/// Required texts of `base_info`.
const REQUIRED: &[&str] = &["logo_url", "code_type", "brand_name", "title", "color", "notice", "description"];

/// Lengths in bytes that the document states, three to a Chinese character.
const LONGEST: &[(&str, usize)] =
    &[("brand_name", 36), ("title", 27), ("sub_title", 54), ("notice", 48), ("description", 3072)];
/// The same of a member card's `prerogative`: 1024 characters.
const LONGEST_PREROGATIVE: usize = 3072;

/// Kinds of a member card's own fields.
const FIELD_TYPES: &[&str] = &[
    "FIELD_NAME_TYPE_LEVEL",
    "FIELD_NAME_TYPE_COUPON",
    "FIELD_NAME_TYPE_STAMP",
    "FIELD_NAME_TYPE_DISCOUNT",
    "FIELD_NAME_TYPE_ACHIEVEMEN",
    "FIELD_NAME_TYPE_ACHIEVEMENT",
    "FIELD_NAME_TYPE_MILEAGE",
    "FIELD_NAME_TYPE_SET_POINTS",
    "FIELD_NAME_TYPE_TIMS",
];

/// When copies can be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Validity {
    Range { begin_s: i64, end_s: i64 },
    Term { begin_days: u32, days: u32 },
    Permanent,
}

/// Where codes come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Codes {
    /// WeChat makes them.
    Made,
    /// The app gives one with each copy.
    Custom,
    /// The app deposits them beforehand.
    Deposited,
}

/// A card that can be created.
#[derive(Debug)]
pub(super) struct Draft {
    pub(super) card_type: &'static CardType,
    pub(super) codes: Codes,
    pub(super) bind_openid: bool,
    pub(super) get_limit: u64,
    pub(super) quantity: u64,
    pub(super) validity: Validity,
    /// The describing member as it came, as text: a parsed tree takes several times the memory.
    content: Box<str>,
}

impl Draft {
    pub(super) fn content(&self) -> Map<String, Value> {
        serde_json::from_str(&self.content).unwrap_or_default()
    }

    pub(super) fn is_member_card(&self) -> bool {
        self.card_type.name == MEMBER_CARD
    }

    /// Roughly how much memory it takes, in bytes.
    pub(super) fn weight(&self) -> usize {
        self.content.len()
    }

    /// Reads the body of `/card/create`.
    pub(super) fn parse(body: &Map<String, Value>) -> Result<Self, Refusal> {
        let card = body.get("card").and_then(Value::as_object).ok_or(DATA_FORMAT)?;
        let name = text(card, "card_type").ok_or(INVALID_CARD_TYPE)?;
        let card_type = TYPES.iter().find(|known| known.name == name).ok_or(INVALID_CARD_TYPE)?;
        let content = object(card, card_type.field)?;
        let base = object(content, "base_info")?;
        check_texts(base)?;
        check_content(card_type, content)?;
        let codes = codes(base);
        Ok(Self {
            card_type,
            codes,
            bind_openid: flag(base, "bind_openid"),
            get_limit: base.get("get_limit").and_then(Value::as_u64).unwrap_or(USUAL_GET_LIMIT),
            quantity: quantity(base, codes)?,
            validity: validity(object(base, "date_info")?).ok_or(INVALID_TIME)?,
            content: serde_json::to_string(content).unwrap_or_default().into(),
        })
    }
}

fn object<'a>(parent: &'a Map<String, Value>, name: &str) -> Result<&'a Map<String, Value>, Refusal> {
    parent.get(name).and_then(Value::as_object).ok_or_else(|| naming(REQUIRED_FIELD_MISSING, name))
}

fn flag(base: &Map<String, Value>, name: &str) -> bool {
    base.get(name).and_then(Value::as_bool).unwrap_or(false)
}

/// WeChat seldom says which field it means; the sandbox does.
fn naming(errcode: Errcode, field: &str) -> Refusal {
    Refusal::saying(errcode.number, format!("{} ({field})", errcode.text))
}

fn check_texts(base: &Map<String, Value>) -> Result<(), Refusal> {
    if let Some(missing) = REQUIRED.iter().find(|name| text(base, name).is_none()) {
        return Err(naming(REQUIRED_FIELD_MISSING, missing));
    }
    let is_too_long = |(name, longest): &&(&str, usize)| text(base, name).is_some_and(|t| t.len() > *longest);
    if let Some((name, _)) = LONGEST.iter().find(is_too_long) {
        return Err(naming(FIELD_SIZE, name));
    }
    if !text(base, "code_type").is_some_and(|code_type| CODE_TYPES.contains(&code_type)) {
        return Err(INVALID_CODE_TYPE.into());
    }
    match text(base, "color").and_then(colors::hex_of) {
        Some(_) => Ok(()),
        None => Err(naming(INVALID_ACTION_INFO, "color")),
    }
}

fn check_content(card_type: &CardType, content: &Map<String, Value>) -> Result<(), Refusal> {
    let is_missing = |name: &&&str| content.get(**name).is_none_or(|value| value.is_null() || value == "");
    if let Some(missing) = card_type.required.iter().find(is_missing) {
        return Err(naming(REQUIRED_FIELD_MISSING, missing));
    }
    if card_type.name != MEMBER_CARD {
        return Ok(());
    }
    if text(content, "prerogative").is_some_and(|text| text.len() > LONGEST_PREROGATIVE) {
        return Err(naming(FIELD_SIZE, "prerogative"));
    }
    let fields = ["custom_field1", "custom_field2", "custom_field3"].iter().filter_map(|f| content.get(*f));
    let mut kinds = fields.filter_map(|field| field.get("name_type")?.as_str());
    if kinds.all(|kind| FIELD_TYPES.contains(&kind)) { Ok(()) } else { Err(INVALID_CUSTOM_FIELD.into()) }
}

fn codes(base: &Map<String, Value>) -> Codes {
    let is_deposit = text(base, "get_custom_code_mode") == Some("GET_CUSTOM_CODE_MODE_DEPOSIT");
    match (flag(base, "use_custom_code"), is_deposit) {
        (false, _) => Codes::Made,
        (true, false) => Codes::Custom,
        (true, true) => Codes::Deposited,
    }
}

/// Only deposited codes may begin without any stock.
fn quantity(base: &Map<String, Value>, codes: Codes) -> Result<u64, Refusal> {
    let quantity = object(base, "sku")?.get("quantity").and_then(Value::as_u64).ok_or(INVALID_QUANTITY)?;
    let is_sound = match codes {
        Codes::Deposited => quantity == 0,
        Codes::Made | Codes::Custom => (1..=LARGEST_STOCK).contains(&quantity),
    };
    if is_sound { Ok(quantity) } else { Err(INVALID_QUANTITY.into()) }
}

/// The oldest documents write 1 and 2 for the two commonest types.
fn validity(date_info: &Map<String, Value>) -> Option<Validity> {
    let number = |name: &str| date_info.get(name).and_then(Value::as_i64);
    let days = |name: &str| number(name).and_then(|days| u32::try_from(days).ok());
    let kind = date_info.get("type")?;
    match (kind.as_str(), kind.as_i64()) {
        (Some("DATE_TYPE_FIX_TIME_RANGE"), _) | (_, Some(1)) => {
            let (begin_s, end_s) = (number("begin_timestamp")?, number("end_timestamp")?);
            (begin_s < end_s).then_some(Validity::Range { begin_s, end_s })
        }
        (Some("DATE_TYPE_FIX_TERM"), _) | (_, Some(2)) => {
            let (begin_days, days) = (days("fixed_begin_term").unwrap_or(0), days("fixed_term")?);
            (days > 0).then_some(Validity::Term { begin_days, days })
        }
        (Some("DATE_TYPE_PERMANENT"), _) => Some(Validity::Permanent),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use serde_json::json;

    use super::*;

    fn card() -> Value {
        json!({"card": {"card_type": "GROUPON", "groupon": {"deal_detail": "锅", "base_info": {
            "logo_url": "http://mmbiz.qpic.cn/a/0", "code_type": "CODE_TYPE_TEXT", "brand_name": "微信餐厅",
            "title": "双人火锅", "color": "Color010", "notice": "出示", "description": "好吃",
            "sku": {"quantity": 5}, "date_info": {"type": "DATE_TYPE_FIX_TERM", "fixed_term": 15}}}}})
    }

    fn errcode(card: &Value) -> i64 {
        Draft::parse(card.as_object().unwrap()).err().map_or(0, |refusal| refusal.errcode)
    }

    fn with(path: &str, value: Value) -> Value {
        let mut card = card();
        *card.pointer_mut(&format!("/card/groupon/{path}")).unwrap() = value;
        card
    }

    #[test]
    fn each_fault_of_a_card_has_its_errcode() {
        assert_eq!(errcode(&card()), 0);
        let cases = [
            (with("base_info/title", json!("")), 41011),
            (with("deal_detail", json!("")), 41011),
            (with("base_info/title", json!("火".repeat(9))), 0),
            (with("base_info/title", json!("火".repeat(10))), 45021),
            (with("base_info/brand_name", json!("x".repeat(37))), 45021),
            (with("base_info/notice", json!("x".repeat(49))), 45021),
            (with("base_info/description", json!("x".repeat(3073))), 45021),
            (with("base_info/code_type", json!("CODE_TYPE_SMELL")), 40072),
            (with("base_info/color", json!("Color999")), 40053),
            (with("base_info/sku", json!({"quantity": 0})), 40122),
            (with("base_info/sku", json!({"quantity": 100_000_001})), 40122),
            (with("base_info/sku", Value::Null), 41011),
            (with("base_info/date_info", json!({"type": "DATE_TYPE_NEVER"})), 40079),
            (
                with("base_info/date_info", json!({"type": 1, "begin_timestamp": 2, "end_timestamp": 1})),
                40079,
            ),
            (with("base_info/date_info", json!({"type": 2, "fixed_term": 1})), 0),
            (json!({"card": {"card_type": "PIZZA"}}), 40071),
            (json!({"card": {"card_type": "GIFT"}}), 41011),
            (json!({}), 47001),
        ];
        for (card, expected) in cases {
            assert_eq!(errcode(&card), expected, "{card}");
        }
    }

    #[test]
    fn deposited_codes_begin_without_stock() {
        let deposit = |quantity: u64| {
            let mut card = with("base_info/sku", json!({ "quantity": quantity }));
            let base = card.pointer_mut("/card/groupon/base_info").unwrap();
            base["use_custom_code"] = true.into();
            base["get_custom_code_mode"] = "GET_CUSTOM_CODE_MODE_DEPOSIT".into();
            errcode(&card)
        };
        assert_eq!((deposit(0), deposit(1)), (0, 40122));
    }
}
