//! A sentence for callers, in both languages.

use std::borrow::Cow;
use std::fmt;

use crate::language::Language;

/// One sentence, or a part of one. `Display` is the English, for the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sentence {
    zh: Cow<'static, str>,
    en: Cow<'static, str>,
}

/// A sentence in Chinese and in English.
pub(crate) fn said(zh: impl Into<Cow<'static, str>>, en: impl Into<Cow<'static, str>>) -> Sentence {
    Sentence { zh: zh.into(), en: en.into() }
}

impl Sentence {
    /// The one in this language.
    #[must_use]
    pub fn in_language(&self, language: Language) -> &str {
        language.pick(&self.zh, &self.en)
    }
}

impl fmt::Display for Sentence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.en)
    }
}
