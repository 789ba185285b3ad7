//! Media files on their way through the gateway: what they are, where they are kept, and how voice
//! becomes MP3.
//!
//! Begin with [`spool`]: whatever comes in is first a bounded temporary file. [`kind`] says what it
//! is, [`mod@dimensions`] how large its picture. [`storage`] keeps it under an [`ObjectName`] where
//! everybody can fetch it: in a folder of this machine or in Upyun's bucket. [`voice`] converts it:
//! by `ffmpeg` on this machine or at Upyun. Storage and conversion are a trait each, so that
//! another place is another file.
//!
//! However large a file, no more than a piece of it is in memory.

pub mod dimensions;
mod disk;
pub mod kind;
pub mod name;
pub mod order;
pub mod spool;
pub mod storage;
pub mod underway;
pub mod voice;

pub use dimensions::{Dimensions, claimed, dimensions};
pub use kind::{Claim, MediaType};
pub use name::{InvalidName, ObjectName, Stem};
pub use order::Order;
pub use spool::{Spool, SpoolError, Spooled, sweep};
pub use storage::{Bucket, Folder, MediaStore, StorageError};
pub use underway::Underway;
pub use voice::{Conversion, ConvertError, Ffmpeg, LocalConverter, UpyunConverter, VoiceConverter};
