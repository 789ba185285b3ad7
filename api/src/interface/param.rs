//! What a parameter is: all that serving, describing and trying it out need to know.

/// A parameter of an interface.
#[derive(Clone, Copy, Debug)]
pub struct Param {
    /// As sent.
    pub name: &'static str,
    /// Refused when absent.
    pub required: bool,
    /// For required ones: may be sent empty.
    pub blank_allowed: bool,
    /// What it holds.
    pub kind: ParamKind,
    /// How long it may be.
    pub limit: Option<Limit>,
    /// What to try it with.
    pub example: Example,
    /// What it means, in Chinese.
    pub meaning_zh: &'static str,
    /// What it means, in English.
    pub meaning_en: &'static str,
}

/// What a parameter holds. Values are checked by whoever uses them, by the same constants.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ParamKind {
    /// Any text.
    Text,
    /// One of these texts.
    Choice(&'static [&'static str]),
    /// A number that is handed on to WeChat, which judges it: the document calls `int` what in practice
    /// holds text.
    Int,
    /// A whole number in these bounds, in decimal digits.
    Whole {
        /// The smallest.
        least: i64,
        /// The largest.
        most: i64,
    },
    /// A JSON text.
    Json,
    /// An http or https address; without a scheme it is taken as http.
    Url,
    /// The same, to which the job's end is posted.
    Callback,
    /// Unix seconds.
    Time,
    /// 0 or 1.
    Flag,
    /// A file: a part of a multipart body, behind all others. Not signed itself; its hash is.
    File {
        /// The largest that is read (bytes).
        limit: usize,
    },
    /// The SHA-256 of the file, in hex: it binds the file to the signature.
    FileHash,
}

/// How long a text may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Limit {
    /// In characters.
    Characters(usize),
    /// In bytes of UTF-8.
    Bytes(usize),
}

/// A value with which a first request to the sandbox succeeds. Optional parameters have one only where that
/// request needs it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Example {
    /// None: it can be left out, or only the caller can know.
    None,
    /// This one.
    Value(&'static str),
    /// What another interface answered.
    Answer {
        /// Its name.
        interface: &'static str,
        /// Where in its `data`: a JSON pointer (RFC 6901).
        pointer: &'static str,
    },
}

impl Param {
    /// A parameter that must be there and must not be blank.
    #[must_use]
    pub const fn required(
        name: &'static str,
        kind: ParamKind,
        meaning_zh: &'static str,
        meaning_en: &'static str,
    ) -> Self {
        Self {
            name,
            required: true,
            blank_allowed: false,
            kind,
            limit: None,
            example: Example::None,
            meaning_zh,
            meaning_en,
        }
    }

    /// A parameter that may be left out; blank counts as left out.
    #[must_use]
    pub const fn optional(
        name: &'static str,
        kind: ParamKind,
        meaning_zh: &'static str,
        meaning_en: &'static str,
    ) -> Self {
        Self::required(name, kind, meaning_zh, meaning_en).or_absent()
    }

    /// The same, and may be left out.
    #[must_use]
    pub const fn or_absent(self) -> Self {
        Self { required: false, blank_allowed: true, ..self }
    }

    /// The same, and may be sent empty.
    #[must_use]
    pub const fn or_blank(self) -> Self {
        Self { blank_allowed: true, ..self }
    }

    /// The same, of this length at most.
    #[must_use]
    pub const fn at_most(self, limit: Limit) -> Self {
        Self { limit: Some(limit), ..self }
    }

    /// The same, to be tried with this value.
    #[must_use]
    pub const fn such_as(self, value: &'static str) -> Self {
        Self { example: Example::Value(value), ..self }
    }

    /// The same, to be tried with what `interface` answered at `pointer` of its `data`.
    #[must_use]
    pub const fn as_answered_by(self, interface: &'static str, pointer: &'static str) -> Self {
        Self { example: Example::Answer { interface, pointer }, ..self }
    }
}
