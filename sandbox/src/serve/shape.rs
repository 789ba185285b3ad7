//! Bodies in the shapes that hostile or tired servers give them. None of them takes more memory than
//! the body itself and one piece of it.

use std::convert::Infallible;
use std::time::Duration;

use bytes::Bytes;
use futures_util::stream::{self, Stream, StreamExt};
use tokio::time::sleep;

/// What is written at once of a body that is repeated, in bytes.
const PIECE: usize = 64 << 10;
/// How often a slow body goes on.
const TICKS_A_SECOND: usize = 10;

/// How a body comes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shape {
    /// Again and again, without end or announced length.
    Endless,
    /// Again and again, up to so many bytes.
    Inflated(u64),
    /// As it is, announced with this length.
    Claimed(u64),
    /// As it is, so many bytes a second.
    Slow(u32),
}

type Piece = Result<Bytes, Infallible>;

pub(super) fn endless(body: &Bytes) -> impl Stream<Item = Piece> + use<> {
    stream::repeat(piece(body)).map(Ok)
}

pub(super) fn inflated(body: &Bytes, bytes: u64) -> impl Stream<Item = Piece> + use<> {
    let piece = piece(body);
    stream::unfold(bytes, move |left| {
        let take = usize::try_from(left).unwrap_or(usize::MAX).min(piece.len());
        let next = (take > 0).then(|| (Ok(piece.slice(..take)), left - take as u64));
        async { next }
    })
}

pub(super) fn slow(body: Bytes, per_second: u32) -> impl Stream<Item = Piece> + use<> {
    let per_second = (per_second as usize).max(1);
    let ticks = per_second.min(TICKS_A_SECOND);
    let (take, pause) = (per_second / ticks, Duration::from_secs(1) / u32::try_from(ticks).unwrap_or(1));
    stream::unfold(body, move |mut left| async move {
        if left.is_empty() {
            return None;
        }
        let now = left.split_to(take.min(left.len()));
        sleep(pause).await;
        Some((Ok(now), left))
    })
}

/// The body as often as it fits into a piece, at least once; of an empty one a piece of zeros.
fn piece(body: &Bytes) -> Bytes {
    match body.len() {
        0 => vec![0; PIECE].into(),
        length if length >= PIECE => body.clone(),
        length => body.repeat(PIECE / length).into(),
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt;

    use super::*;

    #[test]
    fn an_inflated_body_has_exactly_as_many_bytes_as_it_says() {
        for bytes in [0, 1, 5, 65_534, 65_535, 65_536, 1 << 20] {
            let pieces = inflated(&Bytes::from_static(b"abc"), bytes);
            let read = pieces.map(|piece| piece.map_or(0, |piece| piece.len() as u64));
            let read = read.fold(0, |sum, length| async move { sum + length }).now_or_never();
            assert_eq!(read, Some(bytes));
        }
    }
}
