//! The few pages that the sandbox shows to browsers in place of WeChat.

/// For a phone's screen, and thumbs.
const STYLE: &str = "body { max-width: 30em; margin: 24px auto; padding: 0 20px; font: 18px/1.5 sans-serif; } \
                     p a { display: block; padding: 12px; border: 1px solid; border-radius: 8px; text-align: center; }";

/// A whole page. `body` is HTML already; the title is not.
pub(crate) fn page(title: &str, body: &str) -> String {
    format!(
        "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\
         <link rel=\"icon\" href=\"data:,\"><style>{STYLE}</style>\
         <title>{title}</title></head>\n<body>\n<h1>{title}</h1>\n{body}\n\
         <p><small>The simulated WeChat of wxgate.</small></p>\n</body></html>\n",
        title = escape(title)
    )
}

/// Text as it may stand in HTML, also within quotes.
pub(crate) fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            other => escaped.push(other),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_that_is_shown_becomes_markup() {
        assert_eq!(escape(r#"<a href='x'>"&"#), "&lt;a href=&#39;x&#39;&gt;&quot;&amp;");
    }
}
