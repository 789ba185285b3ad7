//! Which jobs are asked for, as it stands in an address.

use std::fmt::Display;
use std::str::FromStr;

use url::form_urlencoded;
use wxgate_job::{JobId, JobState, Kind};
use wxgate_store::model::operate::{Cause, JobFilter};

use super::time;
use super::trouble::Trouble;

/// Jobs on a page, unless it is said otherwise.
const PAGE: u32 = 50;
/// Jobs on a page at most.
const LARGEST_PAGE: u32 = 1000;

/// What is asked for, as it was typed; fields that were left empty are absent.
#[derive(Clone, Debug, Default)]
pub(super) struct Query(Vec<(String, String)>);

impl Query {
    /// Reads a query string. U+0000, which PostgreSQL takes in no text, becomes what finds nothing.
    pub(super) fn parse(text: &str) -> Self {
        let pairs = form_urlencoded::parse(text.as_bytes()).into_owned();
        let trimmed = pairs.map(|(name, value)| (name, value.trim().replace('\0', "\u{fffd}")));
        Self(trimmed.filter(|(_, value)| !value.is_empty()).collect())
    }

    /// A field as it was typed.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// For the field of a form: what was typed there.
    pub(super) fn shown(&self, name: &str) -> &str {
        self.get(name).unwrap_or_default()
    }

    /// A field that can be read as what it is to be.
    pub(super) fn read<T: FromStr>(&self, name: &'static str) -> Result<Option<T>, Trouble> {
        self.get(name).map(|text| text.parse().map_err(|_| Trouble::Value(name))).transpose()
    }

    /// The same without a field.
    pub(super) fn without(mut self, name: &str) -> Self {
        self.0.retain(|(known, _)| known != name);
        self
    }

    /// Whether a field says just that.
    pub(super) fn has(&self, name: &str, value: &str) -> bool {
        self.get(name) == Some(value)
    }

    /// The same with one field changed, as a query string.
    pub(super) fn with(&self, name: &str, value: impl Display) -> String {
        let mut text = form_urlencoded::Serializer::new(String::new());
        text.extend_pairs(self.0.iter().filter(|(known, _)| known != name));
        text.append_pair(name, &value.to_string()).finish()
    }

    /// The job that the search box names, if it may be one: a number.
    pub(super) fn job(&self) -> Option<JobId> {
        self.get("q")?.parse().ok()
    }

    /// The filter that it comes to.
    pub(super) fn filter(&self) -> Result<JobFilter, Trouble> {
        let owned = |name| self.get(name).map(str::to_owned);
        Ok(JobFilter {
            state: self.read::<JobState>("state")?,
            client: owned("client"),
            app: owned("app"),
            kind: owned("kind").map(Kind::stored),
            subject: owned("q").or_else(|| owned("subject")),
            cause: self.cause()?,
            created_from: self.moment("from")?,
            created_until: self.moment("until")?,
            before: self.read::<JobId>("before")?,
            limit: self.read::<u32>("limit")?.unwrap_or(PAGE).clamp(1, LARGEST_PAGE),
        })
    }

    /// The cause of a failure, as a group of failures names it.
    fn cause(&self) -> Result<Option<Cause>, Trouble> {
        let Some(code) = self.get("code") else { return Ok(None) };
        Ok(Some(Cause { code: code.to_owned(), errcode: self.read("errcode")? }))
    }

    /// Unix milliseconds.
    fn moment(&self, name: &'static str) -> Result<Option<i64>, Trouble> {
        let Some(text) = self.get(name) else { return Ok(None) };
        let seconds = time::parse(text).ok_or(Trouble::Value(name))?;
        Ok(Some(seconds.saturating_mul(1000)))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use super::*;

    #[test]
    fn empty_fields_ask_for_nothing() {
        let filter = Query::parse("q=&state=&from=+&client=shop").filter().unwrap();
        assert_eq!((filter.client.as_deref(), filter.limit), (Some("shop"), PAGE));
        assert!(filter.state.is_none() && filter.subject.is_none() && filter.created_from.is_none());
    }

    #[test]
    fn what_cannot_be_read_is_named() {
        for (text, field) in [
            ("state=lost", "state"),
            ("from=tomorrow", "from"),
            ("before=x", "before"),
            ("code=wechat&errcode=x", "errcode"),
        ] {
            assert!(
                matches!(Query::parse(text).filter(), Err(Trouble::Value(name)) if name == field),
                "{text}"
            );
        }
    }

    #[test]
    fn the_next_page_asks_for_the_same() {
        let query = Query::parse("client=a%26b&before=9&state=failed");
        assert_eq!(Query::parse("q=o%001").get("q"), Some("o\u{fffd}1"));
        assert_eq!(query.with("before", 5), "client=a%26b&state=failed&before=5");
        let filter = Query::parse("until=2016-04-05T08:51&limit=5000").filter().unwrap();
        assert_eq!((filter.created_until, filter.limit), (Some(1_459_817_460_000), LARGEST_PAGE));
    }
}
