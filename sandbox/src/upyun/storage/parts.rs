//! Uploads in parts. Nothing is stored before the last of their three stages.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use bytes::{Bytes, BytesMut};
use parking_lot::Mutex;

use super::done;
use super::upload::{guess_type, with_metas};
use crate::clock::Moment;
use crate::reply::Reply;
use crate::upyun::key::Key;
use crate::upyun::objects::Object;
use crate::upyun::problem::{
    BUCKET_FULL, PART_ACTION, PART_ID, PART_LENGTH, PART_OVERSIZE, PART_TWICE, PART_UNKNOWN, PART_UUID,
    PARTS_MISSING, Problem, TOO_LARGE, WHOLE_MD5,
};
use crate::upyun::request::Request;
use crate::upyun::room::{LARGEST_UPLOAD, Room};
use crate::upyun::visit::Visit;

/// How long an unfinished upload lives (documented: 24 hours).
const KEPT_MS: i64 = 86_400_000;
/// Unfinished uploads at one time.
const MOST: usize = 1_000;
/// Size of a part, unless another multiple of it is asked for, in bytes.
const PART: u64 = 1 << 20;

#[derive(Debug)]
struct Unfinished {
    key: Key,
    /// None: as long as its parts are.
    length: Option<u64>,
    part: u64,
    content_type: String,
    /// Whether parts may come in any order.
    in_any_order: bool,
    began: Moment,
    parts: BTreeMap<u64, (Bytes, Arc<Room>)>,
}

/// All unfinished uploads by their id.
#[derive(Debug, Default)]
pub(crate) struct Uploads(Mutex<HashMap<String, Unfinished>>);

pub(super) fn stage(visit: &Visit<'_>, stage: &str, key: &Key) -> Result<Reply, Problem> {
    match stage {
        "initiate" => initiate(visit, key),
        "upload" => upload(visit, key),
        "complete" => complete(visit, key),
        _ => Err(PART_ACTION),
    }
}

fn initiate(visit: &Visit<'_>, key: &Key) -> Result<Reply, Problem> {
    let unfinished = Unfinished::of(visit.request, key, visit.now)?;
    let uuid = uuid(&visit.state.chance.hex(32));
    visit.state.upyun.uploads.begin(&uuid, unfinished)?;
    Ok(done(204).with("x-upyun-multi-uuid", uuid).with("x-upyun-next-part-id", "0"))
}

fn upload(visit: &Visit<'_>, key: &Key) -> Result<Reply, Problem> {
    let request = visit.request;
    let number = request.header("x-upyun-part-id").and_then(|id| id.parse().ok()).ok_or(PART_ID)?;
    let part = (request.body.clone(), Arc::clone(visit.room));
    visit.state.upyun.uploads.with(uuid_of(request)?, key, |unfinished| {
        unfinished.add(number, part)?;
        let next = unfinished.next_part().map_or("-1".to_owned(), |next| next.to_string());
        Ok(done(204).with("x-upyun-next-part-id", next))
    })
}

fn complete(visit: &Visit<'_>, key: &Key) -> Result<Reply, Problem> {
    let (request, upyun) = (visit.request, &visit.state.upyun);
    let uuid = uuid_of(request)?;
    upyun.uploads.with(uuid, key, |unfinished| unfinished.check_whole())?;
    let unfinished = upyun.uploads.take(uuid).ok_or(PART_UNKNOWN)?;
    let content_type = unfinished.content_type.clone();
    let whole = unfinished.join();
    // The parts' memory was let go by joining them.
    let room = upyun.rooms.take(whole.len() as u64)?;
    let object = with_metas(Object::new(whole, content_type, visit.second(), room), request)?;
    if request.header("x-upyun-multi-md5").is_some_and(|told| !told.eq_ignore_ascii_case(&object.md5)) {
        return Err(WHOLE_MD5);
    }
    let (length, content_type) = (object.bytes.len(), object.content_type.clone());
    let replaced = upyun.objects.put(key, object)?;
    Ok(done(if replaced { 204 } else { 201 })
        .with("x-upyun-multi-uuid", uuid)
        .with("x-upyun-multi-type", content_type)
        .with("x-upyun-multi-length", length.to_string()))
}

fn uuid_of(request: &Request) -> Result<&str, Problem> {
    request.header("x-upyun-multi-uuid").ok_or(PART_UUID)
}

/// 32 hex digits in the groups of a UUID.
fn uuid(hex: &str) -> String {
    [&hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..32]].join("-")
}

impl Uploads {
    fn begin(&self, uuid: &str, unfinished: Unfinished) -> Result<(), Problem> {
        let mut uploads = self.0.lock();
        let now = unfinished.began;
        uploads.retain(|_, known| now - known.began < KEPT_MS);
        if uploads.len() >= MOST {
            return Err(BUCKET_FULL);
        }
        uploads.insert(uuid.to_owned(), unfinished);
        Ok(())
    }

    fn with<T>(
        &self,
        uuid: &str,
        key: &Key,
        work: impl FnOnce(&mut Unfinished) -> Result<T, Problem>,
    ) -> Result<T, Problem> {
        let mut uploads = self.0.lock();
        let unfinished = uploads.get_mut(uuid).ok_or(PART_UNKNOWN)?;
        if unfinished.key == *key { work(unfinished) } else { Err(PART_UUID) }
    }

    fn take(&self, uuid: &str) -> Option<Unfinished> {
        self.0.lock().remove(uuid)
    }

    pub(super) fn cancel(&self, uuid: &str, key: &Key) -> Result<(), Problem> {
        self.with(uuid, key, |_| Ok(()))?;
        self.take(uuid);
        Ok(())
    }
}

impl Unfinished {
    fn of(request: &Request, key: &Key, now: Moment) -> Result<Self, Problem> {
        let number = |name| request.header(name).map(str::parse::<u64>).transpose().map_err(|_| PART_LENGTH);
        let length = number("x-upyun-multi-length")?;
        let part = number("x-upyun-multi-part-size")?.unwrap_or(PART);
        if part == 0 || part % PART != 0 {
            return Err(PART_LENGTH);
        }
        if length.is_some_and(|length| length > LARGEST_UPLOAD) {
            return Err(TOO_LARGE);
        }
        let content_type = request.header("x-upyun-multi-type").unwrap_or_else(|| guess_type(key));
        Ok(Self {
            key: key.clone(),
            length,
            part,
            content_type: content_type.to_owned(),
            in_any_order: request.is_true("x-upyun-multi-disorder"),
            began: now,
            parts: BTreeMap::new(),
        })
    }

    fn add(&mut self, number: u64, part: (Bytes, Arc<Room>)) -> Result<(), Problem> {
        let bytes = part.0.len() as u64;
        if self.parts.contains_key(&number) {
            return Err(PART_TWICE);
        }
        if bytes > self.part || self.received() + bytes > self.length.unwrap_or(LARGEST_UPLOAD) {
            return Err(PART_OVERSIZE);
        }
        let is_known = self.length.is_none_or(|length| number < length.div_ceil(self.part).max(1));
        if !is_known || (!self.in_any_order && Some(number) != self.next_part()) {
            return Err(PART_ID);
        }
        self.parts.insert(number, part);
        Ok(())
    }

    fn received(&self) -> u64 {
        self.parts.values().map(|(bytes, _)| bytes.len() as u64).sum()
    }

    /// The first part that is not there; none when all are.
    fn next_part(&self) -> Option<u64> {
        if self.length.is_some_and(|length| self.received() >= length) {
            return None;
        }
        // The parts are sorted: the first that is not where it would be without a gap shows one.
        let numbers = self.parts.keys().zip(0_u64..);
        let gap = numbers.into_iter().find(|(known, expected)| *known != expected);
        Some(gap.map_or(self.parts.len() as u64, |(_, expected)| expected))
    }

    fn check_whole(&self) -> Result<(), Problem> {
        let count = self.parts.len() as u64;
        let has_no_gap = self.parts.keys().next_back().is_none_or(|last| last + 1 == count);
        let is_long_enough = self.length.is_none_or(|length| self.received() == length);
        if has_no_gap && is_long_enough { Ok(()) } else { Err(PARTS_MISSING) }
    }

    fn join(self) -> Bytes {
        let mut whole = BytesMut::with_capacity(usize::try_from(self.received()).unwrap_or(0));
        for (bytes, _room) in self.parts.into_values() {
            whole.extend_from_slice(&bytes);
        }
        whole.freeze()
    }
}
