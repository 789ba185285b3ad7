//! Media: files that apps upload and users send, kept for three days. `kind` says what may be
//! uploaded, `shelf` keeps it, `sample` has ready-made ones.

mod fetch;
mod kind;
mod put;
mod sample;
mod shelf;
mod upload;

pub use kind::MediaType;
pub use put::{NewMedia, Sample};
pub(crate) use sample::{VOICE_AMR, VOICE_MP3};
pub(crate) use shelf::Shelf;
pub use shelf::{Media, MediaStats};

use crate::endpoint::Endpoint;

/// The calls below `/cgi-bin/media`, and the addresses of what they make.
pub(crate) const ENDPOINTS: &[Endpoint] =
    &[fetch::GET, fetch::GET_JSSDK, fetch::PICTURE, fetch::VIDEO, upload::UPLOAD, upload::UPLOAD_IMG];
