//! The XML of pushes: one level of elements and lists of them below `<xml>`, texts in CDATA.

use std::fmt::Write;

use serde_json::{Map, Value};

/// A document of these elements, in their order.
pub(crate) fn document(elements: &Map<String, Value>) -> String {
    let mut text = String::from("<xml>");
    elements.iter().for_each(|(name, value)| append(&mut text, name, value));
    text.push_str("</xml>");
    text
}

fn append(text: &mut String, name: &str, value: &Value) {
    if let Value::Array(values) = value {
        return values.iter().for_each(|value| append(text, name, value));
    }
    let content = match value {
        Value::Null => String::new(),
        Value::Object(elements) => {
            let mut inner = String::new();
            elements.iter().for_each(|(name, value)| append(&mut inner, name, value));
            inner
        }
        Value::String(string) => cdata(string),
        number_or_bool => number_or_bool.to_string(),
    };
    // A String takes whatever is written.
    let _ = write!(text, "<{name}>{content}</{name}>");
}

/// What would end the section is parted between two of them.
pub(super) fn cdata(text: &str) -> String {
    format!("<![CDATA[{}]]>", text.replace("]]>", "]]]]><![CDATA[>"))
}

/// Whether an element can be called so.
pub(super) fn is_name(name: &str) -> bool {
    name.starts_with(|first: char| first.is_ascii_alphabetic())
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

/// The text of the first element of this name, out of its CDATA section, trimmed. Enough for the
/// answers to pushes, which are of WeChat's one shape.
pub(super) fn text_of<'a>(document: &'a str, name: &str) -> Option<&'a str> {
    let (_, rest) = document.split_once(&format!("<{name}>"))?;
    let (text, _) = rest.split_once(&format!("</{name}>"))?;
    let text = text.trim();
    let inner = text.strip_prefix("<![CDATA[").and_then(|text| text.strip_suffix("]]>"));
    Some(inner.unwrap_or(text).trim())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn texts_are_in_cdata_and_numbers_are_not() {
        let elements = json!({"A": "1 < 2 ]]> x", "B": 7, "C": {"D": ["e", 8]}, "F": null});
        let document = document(elements.as_object().unwrap_or(&Map::new()));
        let expected = "<xml><A><![CDATA[1 < 2 ]]]]><![CDATA[> x]]></A><B>7</B>\
                        <C><D><![CDATA[e]]></D><D>8</D></C><F></F></xml>";
        assert_eq!(document, expected);
    }

    #[test]
    fn an_elements_text_is_found_with_and_without_cdata() {
        let document = "<xml>\n<A> <![CDATA[x]]> </A><B>7</B></xml>";
        assert_eq!((text_of(document, "A"), text_of(document, "B")), (Some("x"), Some("7")));
        assert_eq!(text_of(document, "C"), None);
    }
}
