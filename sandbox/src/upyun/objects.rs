//! What is stored: a tree of folders and files. A file is there as a whole or not at all.

use std::collections::BTreeMap;
use std::sync::Arc;

use bytes::Bytes;
use parking_lot::Mutex;
use serde::Serialize;

use super::key::Key;
use super::problem::{
    BUCKET_FULL, DIR_NOT_ACCEPTABLE, FOLDER_EXISTS, NO_FILE, NOT_EMPTY, NOT_FOUND, Problem, SOURCE_IS_TARGET,
};
use super::room::Room;
use super::signature::md5_hex;

/// Files and folders there can be.
const MOST_ENTRIES: usize = 100_000;

/// A stored file.
#[derive(Clone, Debug)]
pub(crate) struct Object {
    pub(crate) bytes: Bytes,
    pub(super) content_type: String,
    /// In hex.
    pub(super) md5: String,
    /// Unix seconds.
    pub(super) modified: i64,
    /// `x-upyun-meta-…` by their whole names.
    pub(super) metas: BTreeMap<String, String>,
    /// What the public address ends in.
    pub(super) secret: Option<String>,
    /// The memory that the bytes take.
    _room: Arc<Room>,
}

/// A file that the simulated Upyun stores.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct UpyunObject {
    /// Its path in the bucket.
    pub path: String,
    /// How many bytes it has.
    pub bytes: usize,
    /// Its `Content-Type`.
    pub content_type: String,
    /// The MD5 of its bytes, in hex.
    pub md5: String,
    /// When it was written, in Unix seconds of the sandbox's clock.
    pub modified: i64,
}

/// A file or a folder.
#[derive(Clone, Debug)]
pub(super) enum Node {
    File(Object),
    /// Made at this Unix second.
    Folder(i64),
}

/// All that is stored.
#[derive(Debug, Default)]
pub(crate) struct Objects(Mutex<BTreeMap<Key, Node>>);

impl Object {
    pub(super) fn new(bytes: Bytes, content_type: String, modified: i64, room: Arc<Room>) -> Self {
        let md5 = md5_hex(&bytes);
        Self { bytes, content_type, md5, modified, metas: BTreeMap::new(), secret: None, _room: room }
    }
}

impl Objects {
    /// What lies there; the bucket itself is a folder that was always there.
    pub(super) fn node(&self, key: &Key) -> Result<Node, Problem> {
        if key.is_root() {
            return Ok(Node::Folder(0));
        }
        self.0.lock().get(key).cloned().ok_or(NOT_FOUND)
    }

    pub(super) fn file(&self, key: &Key) -> Result<Object, Problem> {
        match self.node(key)? {
            Node::File(object) => Ok(object),
            Node::Folder(_) => Err(NO_FILE),
        }
    }

    /// Stores a file, with the folders that it needs; true when it took another one's place.
    pub(super) fn put(&self, key: &Key, object: Object) -> Result<bool, Problem> {
        let mut nodes = self.0.lock();
        if key.is_root() || matches!(nodes.get(key), Some(Node::Folder(_))) {
            return Err(DIR_NOT_ACCEPTABLE);
        }
        make_folders(&mut nodes, key, object.modified)?;
        Ok(nodes.insert(key.clone(), Node::File(object)).is_some())
    }

    pub(super) fn make_folder(&self, key: &Key, second: i64) -> Result<(), Problem> {
        let mut nodes = self.0.lock();
        match nodes.get(key) {
            Some(Node::File(_)) => Err(DIR_NOT_ACCEPTABLE),
            Some(Node::Folder(_)) => Err(FOLDER_EXISTS),
            None if key.is_root() => Err(FOLDER_EXISTS),
            None => {
                make_folders(&mut nodes, key, second)?;
                nodes.insert(key.clone(), Node::Folder(second));
                Ok(())
            }
        }
    }

    pub(super) fn delete(&self, key: &Key) -> Result<(), Problem> {
        let mut nodes = self.0.lock();
        if key.is_root() || children(&nodes, key).next().is_some() {
            return Err(NOT_EMPTY);
        }
        nodes.remove(key).map(drop).ok_or(NOT_FOUND)
    }

    /// Copies a file, or moves it.
    pub(super) fn transfer(&self, from: &Key, to: &Key, second: i64, keep: bool) -> Result<(), Problem> {
        if from == to {
            return Err(SOURCE_IS_TARGET);
        }
        self.put(to, Object { modified: second, ..self.file(from)? })?;
        if keep { Ok(()) } else { self.delete(from) }
    }

    /// Changes a file in place.
    pub(super) fn amend(&self, key: &Key, change: impl FnOnce(&mut Object)) -> Result<(), Problem> {
        match self.0.lock().get_mut(key) {
            Some(Node::File(object)) => {
                change(object);
                Ok(())
            }
            Some(Node::Folder(_)) => Err(NO_FILE),
            None => Err(NOT_FOUND),
        }
    }

    /// What lies directly in a folder, by name.
    pub(super) fn list(&self, key: &Key) -> Result<Vec<(String, Node)>, Problem> {
        let nodes = self.0.lock();
        match nodes.get(key) {
            None if !key.is_root() => Err(NOT_FOUND),
            Some(Node::File(_)) => Err(NO_FILE),
            _ => {
                let here = children(&nodes, key).filter(|(name, _)| !name.contains('/'));
                Ok(here.map(|(name, node)| (name.to_owned(), node.clone())).collect())
            }
        }
    }

    /// How many bytes lie in a folder and below it.
    pub(super) fn usage(&self, key: &Key) -> u64 {
        let nodes = self.0.lock();
        let sizes = children(&nodes, key).map(|(_, node)| match node {
            Node::File(object) => object.bytes.len() as u64,
            Node::Folder(_) => 0,
        });
        sizes.sum()
    }

    /// All files, by path.
    pub(crate) fn all(&self) -> Vec<UpyunObject> {
        let nodes = self.0.lock();
        let files = nodes.iter().filter_map(|(key, node)| match node {
            Node::File(object) => Some(object.show(key)),
            Node::Folder(_) => None,
        });
        files.collect()
    }

    /// The bytes of the file at this path.
    pub(crate) fn bytes(&self, path: &str) -> Option<Bytes> {
        let object = self.file(&Key::plain(path).ok()?).ok()?;
        Some(object.bytes)
    }
}

impl Object {
    fn show(&self, key: &Key) -> UpyunObject {
        UpyunObject {
            path: key.to_string(),
            bytes: self.bytes.len(),
            content_type: self.content_type.clone(),
            md5: self.md5.clone(),
            modified: self.modified,
        }
    }
}

/// Makes the folders above a key that are not there, unless one of them is a file.
fn make_folders(nodes: &mut BTreeMap<Key, Node>, key: &Key, second: i64) -> Result<(), Problem> {
    if key.folders().any(|folder| matches!(nodes.get(&folder), Some(Node::File(_)))) {
        return Err(DIR_NOT_ACCEPTABLE);
    }
    if nodes.len() + key.folders().count() >= MOST_ENTRIES {
        return Err(BUCKET_FULL);
    }
    for folder in key.folders() {
        nodes.entry(folder).or_insert(Node::Folder(second));
    }
    Ok(())
}

/// Everything below a key, with its path from there.
fn children<'a>(
    nodes: &'a BTreeMap<Key, Node>,
    key: &'a Key,
) -> impl Iterator<Item = (&'a str, &'a Node)> + 'a {
    // Not all that begins like the key lies below it: `/a b` comes between `/a` and `/a/c`.
    let from_here = nodes.range(key.clone()..);
    let alike = from_here.take_while(|(known, _)| known.as_str().starts_with(key.as_str()));
    alike.filter_map(|(known, node)| Some((known.as_str()[key.as_str().len()..].strip_prefix('/')?, node)))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use super::*;
    use crate::upyun::room::Rooms;

    fn key(path: &str) -> Key {
        Key::parse(path).unwrap()
    }

    fn with_files(paths: &[&str]) -> Objects {
        let objects = Objects::default();
        for path in paths {
            let room = Rooms::default().take(3).unwrap();
            let object = Object::new(Bytes::from_static(b"abc"), "text/plain".to_owned(), 7, room);
            objects.put(&key(path), object).unwrap();
        }
        objects
    }

    fn names(objects: &Objects, path: &str) -> Vec<String> {
        objects.list(&key(path)).unwrap().into_iter().map(|(name, _)| name).collect()
    }

    #[test]
    fn folders_come_with_files_and_list_what_lies_in_them_alone() {
        let objects = with_files(&["/a/b/c.txt", "/a b", "/a/d.txt", "/e.txt"]);
        assert_eq!(names(&objects, "/"), ["a", "a b", "e.txt"]);
        assert_eq!(names(&objects, "/a"), ["b", "d.txt"]);
        assert_eq!((objects.usage(&key("/a")), objects.usage(&key("/"))), (6, 12));
        assert_eq!(objects.list(&key("/a/d.txt")).err(), Some(NO_FILE));
    }

    #[test]
    fn files_and_folders_do_not_take_each_others_places() {
        let objects = with_files(&["/a/b"]);
        let object = objects.file(&key("/a/b")).unwrap();
        assert_eq!(objects.put(&key("/a"), object.clone()), Err(DIR_NOT_ACCEPTABLE));
        assert_eq!(objects.put(&key("/a/b/c"), object), Err(DIR_NOT_ACCEPTABLE));
        assert_eq!(objects.make_folder(&key("/a/b"), 0), Err(DIR_NOT_ACCEPTABLE));
        assert_eq!(objects.make_folder(&key("/a"), 0), Err(FOLDER_EXISTS));
        assert_eq!(objects.delete(&key("/a")), Err(NOT_EMPTY));
        objects.delete(&key("/a/b")).unwrap();
        objects.delete(&key("/a")).unwrap();
        assert_eq!(objects.delete(&key("/a")), Err(NOT_FOUND));
    }

    #[test]
    fn a_move_takes_away_and_a_copy_does_not() {
        let objects = with_files(&["/a"]);
        objects.transfer(&key("/a"), &key("/x/b"), 9, true).unwrap();
        objects.transfer(&key("/a"), &key("/c"), 9, false).unwrap();
        let paths: Vec<_> = objects.all().into_iter().map(|object| (object.path, object.modified)).collect();
        assert_eq!(paths, [("/c".to_owned(), 9), ("/x/b".to_owned(), 9)]);
        assert_eq!(objects.transfer(&key("/c"), &key("/c"), 9, true), Err(SOURCE_IS_TARGET));
        assert_eq!(objects.transfer(&key("/a"), &key("/d"), 9, true), Err(NOT_FOUND));
    }
}
