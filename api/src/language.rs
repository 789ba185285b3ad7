//! In which language a visitor reads a page, and a caller `msg`.

use actix_web::HttpRequest;
use actix_web::http::header::ACCEPT_LANGUAGE;
use url::form_urlencoded;

/// The languages that pages and messages are written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Language {
    /// Chinese.
    Chinese,
    /// English.
    English,
}

/// The language for whoever asks for none: as the operator has set it, else Chinese for pages, whose readers
/// are Chinese, and English for messages, which programs read.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Usual(pub(crate) Option<Language>);

impl Usual {
    /// For a page: `?lang=en` goes before the browser's own wish.
    pub(crate) fn of_page(self, request: &HttpRequest) -> Language {
        let asked_for = Language::named_in(request.query_string());
        asked_for.or_else(|| Language::asked_for(request)).or(self.0).unwrap_or(Language::Chinese)
    }

    /// For `msg`.
    pub(crate) fn of_message(self, request: &HttpRequest) -> Language {
        Language::asked_for(request).or(self.0).unwrap_or(Language::English)
    }
}

impl Language {
    /// The one of the two that the request asks for before the other, if it asks for any.
    pub(crate) fn asked_for(request: &HttpRequest) -> Option<Self> {
        Self::of(request.headers().get(ACCEPT_LANGUAGE)?.to_str().ok()?)
    }

    fn named_in(query: &str) -> Option<Self> {
        let (_, tag) = form_urlencoded::parse(query.as_bytes()).find(|(name, _)| name == "lang")?;
        Self::tagged(&tag)
    }

    /// By a tag such as `en-GB`.
    fn tagged(tag: &str) -> Option<Self> {
        match tag.trim().split('-').next()?.to_ascii_lowercase().as_str() {
            "zh" => Some(Self::Chinese),
            "en" => Some(Self::English),
            _ => None,
        }
    }

    /// By an `Accept-Language` header: of the same weight, the first named wins.
    fn of(header: &str) -> Option<Self> {
        let known = header.split(',').filter_map(wish);
        let best = known.reduce(|best, next| if next.1 > best.1 { next } else { best });
        best.map(|(language, _weight)| language)
    }

    /// As HTML names it.
    pub(crate) const fn tag(self) -> &'static str {
        match self {
            Self::Chinese => "zh-CN",
            Self::English => "en",
        }
    }

    /// The one that is in this language.
    pub(crate) fn pick<T>(self, chinese: T, english: T) -> T {
        match self {
            Self::Chinese => chinese,
            Self::English => english,
        }
    }
}

/// One entry (`en-GB;q=0.8`), if it is one of the two and wanted at all.
fn wish(entry: &str) -> Option<(Language, f32)> {
    let (tag, weight) = entry.split_once(';').unwrap_or((entry, "q=1"));
    let language = Language::tagged(tag)?;
    let weight = weight.trim().strip_prefix("q=").and_then(|weight| weight.trim().parse::<f32>().ok())?;
    (weight > 0.0).then_some((language, weight))
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    #[test]
    fn the_language_is_the_one_that_is_asked_for_first() {
        for header in
            ["en", "en-US,en;q=0.9", "fr,en;q=0.5", "zh;q=0.5, EN-gb;q=0.6", "zh;q=0,en;q=0.1", "en,zh"]
        {
            assert_eq!(Language::of(header), Some(Language::English), "{header}");
        }
        for header in ["zh-CN", "zh,en", "fr,zh-CN,zh;q=0.9,en;q=0.8"] {
            assert_eq!(Language::of(header), Some(Language::Chinese), "{header}");
        }
        for header in ["", "fr", "*", "en;q=0", "en;q=x", "en;level=1", ";,;"] {
            assert_eq!(Language::of(header), None, "{header}");
        }
    }

    #[test]
    fn whoever_asks_for_none_gets_what_the_operator_set_and_else_what_most_readers_understand() {
        let asking =
            |header| TestRequest::default().insert_header((ACCEPT_LANGUAGE, header)).to_http_request();
        let (none, english) = (asking("fr"), asking("en"));
        let languages = |set, request| (Usual(set).of_page(request), Usual(set).of_message(request));
        assert_eq!(languages(None, &none), (Language::Chinese, Language::English));
        for set in [Language::Chinese, Language::English] {
            assert_eq!(languages(Some(set), &none), (set, set));
            assert_eq!(languages(Some(set), &english), (Language::English, Language::English));
        }
    }
}
