//! Where in a bucket something lies.

use std::fmt;

use percent_encoding::percent_decode_str;

use super::account::UPYUN_BUCKET;
use super::problem::{KEY_NOT_UTF8, NAME_CHARACTERS, NO_BUCKET, Problem, WRONG_URI};

/// A path in the bucket, decoded: `/a/b.txt`; the bucket itself is empty.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Key(String);

impl Key {
    /// The key in `/<bucket>/<path>`, percent-encoded as it came.
    pub(super) fn in_bucket(target: &str) -> Result<Self, Problem> {
        let (bucket, path) = split(target)?;
        if bucket == UPYUN_BUCKET { Self::parse(path) } else { Err(NO_BUCKET) }
    }

    /// A path in the bucket, percent-encoded.
    pub(super) fn parse(path: &str) -> Result<Self, Problem> {
        Self::plain(&percent_decode_str(path).decode_utf8().map_err(|_| KEY_NOT_UTF8)?)
    }

    /// A path in the bucket as it is; slashes too many do not matter.
    pub(super) fn plain(path: &str) -> Result<Self, Problem> {
        if path.contains(['\r', '\n', '\t']) {
            return Err(NAME_CHARACTERS);
        }
        let segments = path.split('/').filter(|segment| !segment.is_empty());
        Ok(Self(segments.flat_map(|segment| ["/", segment]).collect()))
    }

    /// The bucket itself.
    pub(super) fn is_root(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn as_str(&self) -> &str {
        &self.0
    }

    /// The folders that it lies in, from the top, the bucket left out.
    pub(super) fn folders(&self) -> impl Iterator<Item = Self> + '_ {
        self.0.match_indices('/').skip(1).map(|(at, _)| Self(self.0[..at].to_owned()))
    }

    /// The last part of its name, behind the last dot.
    pub(super) fn suffix(&self) -> Option<&str> {
        let name = self.0.rsplit('/').next()?;
        name.rsplit_once('.').map(|(_, suffix)| suffix)
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// `/<bucket>/<path>` in its two parts.
pub(super) fn split(target: &str) -> Result<(&str, &str), Problem> {
    let path = target.strip_prefix('/').ok_or(WRONG_URI)?;
    let (bucket, path) = path.split_once('/').unwrap_or((path, ""));
    if bucket.is_empty() { Err(WRONG_URI) } else { Ok((bucket, path)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_decoded_and_has_its_folders() {
        let key = Key::in_bucket("/sandbox/a//%E4%B8%AD%20b/c.tar.gz").ok();
        let key = key.as_ref();
        assert_eq!(key.map(Key::as_str), Some("/a/中 b/c.tar.gz"));
        let folders: Vec<_> = key.into_iter().flat_map(Key::folders).map(|key| key.to_string()).collect();
        assert_eq!(folders, ["/a", "/a/中 b"]);
        assert_eq!(key.and_then(Key::suffix), Some("gz"));
        assert_eq!(Key::in_bucket("/sandbox/").map(|key| key.is_root()), Ok(true));
    }

    #[test]
    fn a_bad_key_says_why() {
        assert_eq!(Key::in_bucket("/other/a"), Err(NO_BUCKET));
        assert_eq!(Key::in_bucket("/"), Err(WRONG_URI));
        assert_eq!(Key::in_bucket("/sandbox/%ff"), Err(KEY_NOT_UTF8));
        assert_eq!(Key::in_bucket("/sandbox/a%0ab"), Err(NAME_CHARACTERS));
    }
}
