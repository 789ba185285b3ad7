//! Why a call to Upyun brought nothing.

use crate::InvalidPath;

/// Why there is no answer, or none to build on, sorted by what may be concluded.
#[derive(Debug, thiserror::Error)]
pub enum UpyunError {
    /// Not called: there can be no such file.
    #[error(transparent)]
    InvalidPath(#[from] InvalidPath),
    /// The deadline had passed before anything was written.
    #[error("no time was left to ask Upyun")]
    OutOfTime,
    /// No connection came about: the name, the address or the handshake failed. Certainly not
    /// written.
    #[error("Upyun cannot be reached")]
    NotSent(#[source] reqwest::Error),
    /// No whole answer came in time. The call may have taken effect.
    #[error("Upyun did not answer in time")]
    TimedOut,
    /// The connection broke. The call may have taken effect.
    #[error("the connection to Upyun broke")]
    Broken(#[source] reqwest::Error),
    /// Upyun, or somebody on the way to it, said no.
    #[error("Upyun refused: {0}")]
    Refused(Refusal),
    /// A 2xx that does not say what it should. The call has taken effect, for all that is known.
    #[error("Upyun's answer cannot be read")]
    Unreadable,
}

/// What Upyun said instead of doing it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "HTTP {status}{}{msg}{}",
    .code.map(|code| format!(", {code} ")).unwrap_or_default(),
    self.remedy().map(|remedy| format!(". {remedy}")).unwrap_or_default()
)]
pub struct Refusal {
    /// HTTP status.
    pub status: u16,
    /// Upyun's own number, which begins with the status. `None`: it was not Upyun that answered,
    /// or an old part of it.
    pub code: Option<u64>,
    /// Upyun's words, at most 200 characters; may be empty.
    pub msg: String,
}

impl Refusal {
    /// What the operator can do about it, where that is known: it is no fault of the file or of the
    /// call, so the same call goes through afterwards. Numbers from Upyun's list of error codes.
    #[must_use]
    pub fn remedy(&self) -> Option<&'static str> {
        match (self.status, self.code) {
            (401, Some(40_100_002 | 40_100_016)) => Some("Set this machine's clock"),
            (401, Some(40_100_008 | 40_100_012..=40_100_015)) => {
                Some("See to WXGATE_UPYUN_BUCKET: whether it is there, open and writable")
            }
            (401, Some(40_100_010 | 40_100_011 | 40_100_018..=40_100_021)) => Some(
                "See to Upyun's account that owns WXGATE_UPYUN_BUCKET: it is overdue, blocked or not active",
            ),
            (401, Some(40_100_017)) | (403, Some(40_300_011)) => {
                Some("Give WXGATE_UPYUN_OPERATOR the right to read, write and delete at Upyun")
            }
            (401, _) => Some("See to WXGATE_UPYUN_OPERATOR and WXGATE_UPYUN_PASSWORD"),
            (403, Some(40_300_004)) => Some("Make room in WXGATE_UPYUN_BUCKET at Upyun"),
            _ => None,
        }
    }

    fn is_retryable(&self) -> bool {
        matches!(self.status, 408 | 429) || self.status >= 500 || self.remedy().is_some()
    }
}

impl UpyunError {
    /// Whether the same call may go through later: all but a 3xx or 4xx other than 408, 429 and those
    /// that the operator can mend ([`Refusal::remedy`]).
    #[must_use]
    pub fn is_retryable(&self) -> bool {
        match self {
            Self::InvalidPath(_) => false,
            Self::Refused(refusal) => refusal.is_retryable(),
            Self::OutOfTime | Self::NotSent(_) | Self::TimedOut | Self::Broken(_) | Self::Unreadable => true,
        }
    }

    /// Whether the call may have taken effect although no answer tells.
    #[must_use]
    pub fn is_ambiguous(&self) -> bool {
        match self {
            Self::InvalidPath(_) | Self::OutOfTime | Self::NotSent(_) => false,
            Self::TimedOut | Self::Broken(_) | Self::Unreadable => true,
            Self::Refused(Refusal { status, .. }) => *status >= 500,
        }
    }

    /// One stable word for the failure, as jobs show it.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::InvalidPath(_) => "invalid_path",
            Self::OutOfTime | Self::TimedOut => "timeout",
            Self::NotSent(_) => "unreachable",
            Self::Broken(_) => "connection_lost",
            Self::Refused(_) => "upyun_refused",
            Self::Unreadable => "unreadable_answer",
        }
    }

    /// The URL is no secret, but says nothing to the point either.
    pub(crate) fn from_transport(error: reqwest::Error) -> Self {
        let error = error.without_url();
        if error.is_connect() || error.is_builder() {
            Self::NotSent(error)
        } else if error.is_timeout() {
            Self::TimedOut
        } else {
            Self::Broken(error)
        }
    }

    /// Whether there is no such file.
    pub(crate) fn is_absence(&self) -> bool {
        matches!(self, Self::Refused(Refusal { status: 404, .. }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(status: u16) -> UpyunError {
        UpyunError::Refused(Refusal { status, code: None, msg: String::new() })
    }

    #[test]
    fn a_refusal_is_final_unless_it_is_about_haste_upyuns_own_trouble_or_the_operators_to_mend() {
        for (status, retryable, ambiguous) in [
            (301, false, false),
            (400, false, false),
            (401, true, false),
            (403, false, false),
            (404, false, false),
            (408, true, false),
            (429, true, false),
            (500, true, true),
            (503, true, true),
        ] {
            let error = refused(status);
            assert_eq!((error.is_retryable(), error.is_ambiguous()), (retryable, ambiguous), "{status}");
        }
    }

    #[test]
    fn a_refusal_is_told_with_upyuns_number_and_words() {
        let refusal = Refusal { status: 400, code: Some(40_000_037), msg: "unknown service".to_owned() };
        let told = "Upyun refused: HTTP 400, 40000037 unknown service";
        assert_eq!(UpyunError::Refused(refusal).to_string(), told);
        assert_eq!(refused(502).to_string(), "Upyun refused: HTTP 502");
    }

    #[test]
    fn what_the_operator_can_mend_is_tried_again_and_says_where_to_look() {
        for (status, code, words) in [
            (401, None, "WXGATE_UPYUN_PASSWORD"),
            (401, Some(40_100_005), "WXGATE_UPYUN_PASSWORD"),
            (401, Some(40_100_002), "clock"),
            (401, Some(40_100_012), "WXGATE_UPYUN_BUCKET"),
            (401, Some(40_100_017), "right to read, write"),
            (401, Some(40_100_021), "overdue"),
            (403, Some(40_300_004), "room in WXGATE_UPYUN_BUCKET"),
        ] {
            let error = UpyunError::Refused(Refusal { status, code, msg: "no".to_owned() });
            assert!(error.is_retryable() && !error.is_ambiguous(), "{error}");
            assert!(error.to_string().contains(words), "{error}");
        }
    }
}
