//! Why the sandbox's own controls did not do as they were told.

/// A control that was refused, with a sentence that says why; nothing was changed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// The script or change makes no sense.
    #[error("{0}")]
    Script(String),
    /// It names something that is not there.
    #[error("{0}")]
    Missing(String),
    /// It adds something that is there.
    #[error("{0}")]
    Exists(String),
}

impl Refused {
    pub(crate) fn script(sentence: impl Into<String>) -> Self {
        Self::Script(sentence.into())
    }

    pub(crate) fn missing(sentence: impl Into<String>) -> Self {
        Self::Missing(sentence.into())
    }

    pub(crate) fn exists(sentence: impl Into<String>) -> Self {
        Self::Exists(sentence.into())
    }

    pub(crate) fn no_app(app_id: &str) -> Self {
        Self::missing(format!("there is no app '{app_id}'"))
    }
}
