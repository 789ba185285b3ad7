//! Bodies of `multipart/form-data` (RFC 7578), whole in memory.

use bytes::Bytes;

/// Parts looked at in one body.
const MOST_PARTS: usize = 100;

/// One part of a form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Part {
    pub(crate) name: String,
    /// Some clients give even plain fields one.
    pub(crate) filename: Option<String>,
    pub(crate) content: Bytes,
}

/// The parts of a body, as far as they can be read; none when it is no such form.
pub(crate) fn parts(content_type: &str, body: &Bytes) -> Vec<Part> {
    let Some(delimiter) = delimiter(content_type) else { return Vec::new() };
    let mut parts = Vec::new();
    let Some(first) = find(body, &delimiter[2..]) else { return parts };
    let mut at = first + delimiter.len() - 2;
    while parts.len() < MOST_PARTS && body[at..].starts_with(b"\r\n") {
        let Some(length) = find(&body[at..], &delimiter) else { break };
        parts.extend(part(&body.slice(at + 2..at + length.max(2))));
        at += length + delimiter.len();
    }
    parts
}

/// What stands between two parts: a line break, two dashes and the boundary.
fn delimiter(content_type: &str) -> Option<Vec<u8>> {
    let (kind, rest) = content_type.split_once(';')?;
    let is_form = kind.trim().eq_ignore_ascii_case("multipart/form-data");
    let boundary = is_form.then(|| parameter(rest, "boundary")).flatten()?;
    Some(format!("\r\n--{boundary}").into_bytes())
}

fn part(text: &Bytes) -> Option<Part> {
    let (head, content) = match find(text, b"\r\n\r\n") {
        Some(end) => (text.slice(..end), text.slice(end + 4..)),
        None => return None,
    };
    let head = String::from_utf8_lossy(&head).into_owned();
    let disposition = head.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.trim().eq_ignore_ascii_case("content-disposition").then_some(value)
    })?;
    let (_form_data, parameters) = disposition.split_once(';')?;
    let name = parameter(parameters, "name")?;
    Some(Part { name, filename: parameter(parameters, "filename"), content })
}

/// A parameter of a header; quoted or not.
fn parameter(parameters: &str, wanted: &str) -> Option<String> {
    let mut rest = parameters;
    while let Some((name, value)) = rest.split_once('=') {
        let (value, after) = match value.strip_prefix('"') {
            Some(quoted) => quoted.split_once('"')?,
            None => value.split_once(';').map_or((value.trim(), ""), |(v, after)| (v.trim(), after)),
        };
        if name.trim().trim_start_matches(';').trim().eq_ignore_ascii_case(wanted) {
            return Some(value.to_owned());
        }
        rest = after;
    }
    None
}

fn find(text: &[u8], wanted: &[u8]) -> Option<usize> {
    let first = *wanted.first()?;
    let mut from = 0;
    while let Some(at) = text[from..].iter().position(|byte| *byte == first) {
        if text[from + at..].starts_with(wanted) {
            return Some(from + at);
        }
        from += at + 1;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(content_type: &str, body: &'static str) -> Vec<(String, Option<String>, Bytes)> {
        let parts = parts(content_type, &Bytes::from_static(body.as_bytes()));
        parts.into_iter().map(|part| (part.name, part.filename, part.content)).collect()
    }

    #[test]
    fn parts_come_with_their_names_and_exact_bytes() {
        let body = "preamble--b\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\none\r\n--b\r\n\
                    Content-Type: image/png\r\ncontent-disposition: form-data; filename=\"x; y=z.png\"; name=media\r\n\r\n\
                    \r\ntwo\r\n\r\n--b--\r\n";
        let expected = [
            ("a".to_owned(), None, Bytes::from_static(b"one")),
            ("media".to_owned(), Some("x; y=z.png".to_owned()), Bytes::from_static(b"\r\ntwo\r\n")),
        ];
        assert_eq!(read("multipart/form-data; charset=utf-8; boundary=b", body), expected);
        assert_eq!(read("Multipart/Form-Data; boundary=\"b\"", body), expected);
    }

    #[test]
    fn what_is_no_such_form_has_no_parts() {
        let form = "--b\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\none\r\n--b--\r\n";
        assert_eq!(read("multipart/form-data", form), []);
        assert_eq!(read("text/plain; boundary=b", form), []);
        assert_eq!(read("multipart/form-data; boundary=other", form), []);
        assert_eq!(read("multipart/form-data; boundary=b", "--b"), []);
        assert_eq!(read("multipart/form-data; boundary=b", "--b\r\n\r\n--b"), []);
        assert_eq!(read("multipart/form-data; boundary=b", "--b\r\n--b\r\nx\r\n\r\n--b"), []);
    }
}
