//! Takes settings one by one and gathers what is wrong with them.

use crate::sources::Values;
use crate::table::Setting;

/// The values given and the problems found so far.
pub(crate) struct Reader {
    values: Values,
    problems: Vec<String>,
    #[cfg(test)]
    pub(crate) asked: std::collections::BTreeSet<&'static str>,
}

impl Reader {
    pub(crate) fn new(values: Values, problems: Vec<String>) -> Self {
        Self {
            values,
            problems,
            #[cfg(test)]
            asked: std::collections::BTreeSet::new(),
        }
    }

    pub(crate) fn is_given(&self, name: &str) -> bool {
        self.values.contains_key(name)
    }

    /// The value given, or nothing: because none was, or because it is unusable, which is noted.
    pub(crate) fn optional<T>(
        &mut self,
        name: &'static str,
        parse: impl Fn(&str) -> Result<T, String>,
    ) -> Option<T> {
        #[cfg(test)]
        self.asked.insert(name);
        let given = self.values.get(name)?;
        match parse(&given.text) {
            Ok(value) => Some(value),
            Err(reason) if Setting::named(name).is_some_and(|setting| setting.secret) => {
                self.problem(format!("{} {reason}", given.place))
            }
            Err(reason) => self.problem(format!("{} is '{}': it {reason}", given.place, given.text)),
        }
    }

    /// The value given, else the table's default; nothing only when the value is unusable.
    pub(crate) fn with_default<T>(
        &mut self,
        name: &'static str,
        parse: impl Fn(&str) -> Result<T, String>,
    ) -> Option<T> {
        if self.is_given(name) {
            return self.optional(name, parse);
        }
        #[cfg(test)]
        self.asked.insert(name);
        parse(Setting::named(name)?.default?).ok()
    }

    /// Notes a problem; never anything else than `None`, for the reader to pass on.
    pub(crate) fn problem<T>(&mut self, sentence: impl Into<String>) -> Option<T> {
        self.problems.push(sentence.into());
        None
    }

    pub(crate) fn into_problems(self) -> Vec<String> {
        self.problems
    }
}
