//! What a command says: for people on a terminal, or with `--json` for programs.
//!
//! Each command describes its result as one type that is both [`Serialize`] and [`Shown`]; secrets
//! have no `Serialize`, so none can slip in.

use std::io::{self, Write as _};

use serde::Serialize;
use serde_json::json;

/// A command's result as people read it.
pub(crate) trait Shown: Serialize {
    /// The text; a line break at its end is not needed.
    fn text(&self) -> String;
}

/// Where results and errors go, and in which form.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Output {
    json: bool,
}

impl Output {
    pub(crate) const fn new(json: bool) -> Self {
        Self { json }
    }

    /// Writes a result to standard output.
    ///
    /// # Errors
    /// When it cannot be written, as into a closed pipe.
    pub(crate) fn show(self, result: &impl Shown) -> anyhow::Result<()> {
        let text = if self.json { serde_json::to_string_pretty(result)? } else { result.text() };
        // An error that is the bare `io::Error`, so that a closed pipe can be told from a failure.
        writeln!(io::stdout().lock(), "{}", text.trim_end())?;
        Ok(())
    }

    /// Writes a line for people at once, while the result is still to come.
    ///
    /// # Errors
    /// As [`Self::show`].
    pub(crate) fn say(self, line: &str) -> anyhow::Result<()> {
        if !self.json {
            writeln!(io::stdout().lock(), "{line}")?;
        }
        Ok(())
    }

    /// Writes an error with its causes to standard error: one sentence a line for people,
    /// `{"error": …}` for programs.
    pub(crate) fn error(self, error: &anyhow::Error) {
        let text = sentence(error);
        let lines = if self.json {
            json!({ "error": text.replace('\n', "; ") }).to_string()
        } else {
            format!("error: {}", text.replace('\n', "\nerror: "))
        };
        // Nobody is left to be told when this fails.
        let _ = writeln!(io::stderr().lock(), "{lines}");
    }
}

/// An error and its causes, each said once: some libraries repeat the cause in their own words.
pub(crate) fn sentence(error: &anyhow::Error) -> String {
    error.chain().map(ToString::to_string).fold(String::new(), |said, cause| match said.is_empty() {
        true => cause,
        false if said.contains(&cause) => said,
        false => format!("{said}: {cause}"),
    })
}

/// What clap says before it explains usage, in one line.
pub(crate) fn first_paragraph(message: &str) -> String {
    let paragraph = message.split("\n\n").next().unwrap_or_default();
    let lines: Vec<&str> = paragraph.trim_start_matches("error: ").lines().map(str::trim).collect();
    lines.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cause_that_was_said_already_is_not_repeated() {
        let error = anyhow::anyhow!("no route").context("dialling failed: no route").context("not sent");
        assert_eq!(sentence(&error), "not sent: dialling failed: no route");
    }

    #[test]
    fn a_usage_error_is_one_line_without_the_usage() {
        let message = "error: these were not given:\n  --code <CODE>\n\nUsage: wxgate …\n";
        assert_eq!(first_paragraph(message), "these were not given: --code <CODE>");
    }
}
