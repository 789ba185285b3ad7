//! One line for each event, whatever is told in it: an error may quote what a stranger sent, and a line break in that
//! would let them write lines of their own into the log.

use std::borrow::Cow;
use std::io::{self, Write};

use tracing_subscriber::fmt::MakeWriter;

/// Writes events to standard error, each of which comes as a whole and ends with a line break.
#[derive(Clone, Copy, Debug)]
pub(super) struct Lines;

impl MakeWriter<'_> for Lines {
    type Writer = Self;

    fn make_writer(&self) -> Self {
        *self
    }
}

impl Write for Lines {
    fn write(&mut self, event: &[u8]) -> io::Result<usize> {
        io::stderr().write_all(&one_line(event))?;
        Ok(event.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        io::stderr().flush()
    }
}

/// The event with all its line breaks but the last written as `\n` and `\r`.
fn one_line(event: &[u8]) -> Cow<'_, [u8]> {
    let (text, end) = event.split_at(event.len() - usize::from(event.ends_with(b"\n")));
    if !text.iter().any(|byte| matches!(byte, b'\n' | b'\r')) {
        return Cow::Borrowed(event);
    }
    let mut line = Vec::with_capacity(event.len() + 16);
    for byte in text {
        match byte {
            b'\n' => line.extend_from_slice(b"\\n"),
            b'\r' => line.extend_from_slice(b"\\r"),
            byte => line.push(*byte),
        }
    }
    line.extend_from_slice(end);
    line.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_last_line_break_of_an_event_is_one() {
        for (event, line) in [
            ("", ""),
            ("\n", "\n"),
            ("a b\n", "a b\n"),
            ("值 a\r\nforged\n\n", "值 a\\r\\nforged\\n\n"),
            ("no end\nof line", "no end\\nof line"),
        ] {
            assert_eq!(one_line(event.as_bytes()), line.as_bytes(), "{event:?}");
        }
    }
}
