//! In which language a visitor reads.

use actix_web::HttpRequest;
use actix_web::http::header::ACCEPT_LANGUAGE;

/// The languages that pages are written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Language {
    /// For whoever does not prefer the other.
    Chinese,
    /// For whoever does.
    English,
}

impl Language {
    /// The one of the two that the browser likes best.
    pub(super) fn preferred(request: &HttpRequest) -> Self {
        let header = request.headers().get(ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok());
        Self::of(header.unwrap_or_default())
    }

    /// By an `Accept-Language` header: of the same weight, the first named wins.
    fn of(header: &str) -> Self {
        let known = header.split(',').filter_map(wish);
        let best = known.reduce(|best, next| if next.1 > best.1 { next } else { best });
        best.map_or(Self::Chinese, |(language, _weight)| language)
    }

    /// As HTML names it.
    pub(super) const fn tag(self) -> &'static str {
        match self {
            Self::Chinese => "zh-CN",
            Self::English => "en",
        }
    }

    /// The one that is in this language.
    pub(super) fn pick<T>(self, chinese: T, english: T) -> T {
        match self {
            Self::Chinese => chinese,
            Self::English => english,
        }
    }
}

/// One entry (`en-GB;q=0.8`), if it is one of the two and wanted at all.
fn wish(entry: &str) -> Option<(Language, f32)> {
    let (tag, weight) = entry.split_once(';').unwrap_or((entry, "q=1"));
    let language = match tag.trim().split('-').next()?.to_ascii_lowercase().as_str() {
        "zh" => Language::Chinese,
        "en" => Language::English,
        _ => return None,
    };
    let weight = weight.trim().strip_prefix("q=").and_then(|weight| weight.trim().parse::<f32>().ok())?;
    (weight > 0.0).then_some((language, weight))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn english_is_for_those_who_prefer_it() {
        for header in
            ["en", "en-US,en;q=0.9", "fr,en;q=0.5", "zh;q=0.5, EN-gb;q=0.6", "zh;q=0,en;q=0.1", "en,zh"]
        {
            assert_eq!(Language::of(header), Language::English, "{header}");
        }
        for header in [
            "",
            "zh-CN",
            "fr",
            "*",
            "zh,en",
            "zh-CN,zh;q=0.9,en;q=0.8",
            "en;q=0",
            "en;q=x",
            "en;level=1",
            ";,;",
        ] {
            assert_eq!(Language::of(header), Language::Chinese, "{header}");
        }
    }
}
