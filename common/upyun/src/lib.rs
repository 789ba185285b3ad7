//! The client of Upyun (又拍云): a bucket's storage, and the service that converts media in it.
//!
//! [`Upyun`] is what the rest of the gateway uses. Its calls are in the modules named after what
//! they do: [`object`] for files, [`task`] for conversions. [`notify`] verifies what Upyun posts
//! when a task is over. Beneath them [`sign`] makes the signatures and [`error`] says of every
//! failure what may be concluded.
//!
//! The password is in the text of no error here, however deep its chain, and neither is a
//! signature.

pub mod account;
mod call;
pub mod client;
pub mod error;
pub mod notify;
pub mod object;
pub mod path;
mod refusal;
pub mod sign;
pub mod task;
#[cfg(feature = "testing")]
pub mod testing;

pub use account::{Account, Bases};
pub use client::Upyun;
pub use error::{Refusal, UpyunError};
pub use notify::{Headers, Notification, NotifyError};
pub use object::{Info, Object};
pub use path::{InvalidPath, ObjectPath};
pub use task::{Progress, Task, TaskId, TaskResult};
