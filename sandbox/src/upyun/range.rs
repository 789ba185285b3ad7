//! Parts of a file, as asked for by a `Range` header (RFC 9110, section 14).

use bytes::Bytes;

use super::problem::{Problem, WRONG_RANGE};
use crate::reply::Reply;

/// The file or, when a range is asked for, that part of it.
pub(super) fn file(content_type: &str, bytes: Bytes, range: Option<&str>) -> Result<Reply, Problem> {
    let reply = Reply::file(content_type.to_owned(), bytes).with("Accept-Ranges", "bytes");
    let Some(range) = range else { return Ok(reply) };
    let whole = reply.body.len();
    let (from, to) = bounds(range, whole).ok_or(WRONG_RANGE)?;
    let body = reply.body.slice(from..=to);
    Ok(Reply { status: 206, body, ..reply }.with("Content-Range", format!("bytes {from}-{to}/{whole}")))
}

/// First and last byte of a single range that lies in the file.
fn bounds(range: &str, whole: usize) -> Option<(usize, usize)> {
    let (from, to) = range.strip_prefix("bytes=")?.split_once('-')?;
    let last = whole.checked_sub(1)?;
    let (from, to) = match (from, to) {
        ("", count) => (whole.saturating_sub(count.parse().ok()?), last),
        (from, "") => (from.parse().ok()?, last),
        (from, to) => (from.parse().ok()?, to.parse::<usize>().ok()?.min(last)),
    };
    (from <= to).then_some((from, to))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_is_inside_the_file_or_none() {
        let ranges = [
            ("bytes=0-3", Some((0, 3))),
            ("bytes=4-", Some((4, 9))),
            ("bytes=-3", Some((7, 9))),
            ("bytes=-30", Some((0, 9))),
            ("bytes=8-99", Some((8, 9))),
            ("bytes=10-", None),
            ("bytes=3-2", None),
            ("bytes=-0", None),
            ("bytes=0-1,3-4", None),
            ("chapters=1-2", None),
        ];
        for (range, expected) in ranges {
            assert_eq!(bounds(range, 10), expected, "{range}");
        }
        assert_eq!(bounds("bytes=0-", 0), None);
    }
}
