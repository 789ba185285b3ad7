//! What WeChat posts to us by itself: how it is signed, encrypted and written. No HTTP, no store.
//!
//! [`Signed`] is what comes in the query of every push and says whether WeChat made it. [`AesKey`] opens
//! the envelope of encrypted ones, and makes one. [`Fields`] reads the XML inside, within bounds. What it
//! says is a [`Push`], about an account and its users, or a [`Notice`], about a third-party platform.
//!
//! Signature first, then envelope, then XML: nothing is decrypted or parsed for a stranger, but for the
//! one field of the outer XML that the signature covers.

mod aes_key;
mod fields;
mod notice;
mod push;
mod receipt;
mod signed;

pub use aes_key::{AesKey, InvalidAesKey, Unopenable};
pub use fields::{Fields, LARGEST, Unreadable};
pub use notice::{Notice, NoticeKind};
pub use push::{Incomplete, Push, PushKind};
pub use receipt::{Delivered, TemplateReceipt};
pub use signed::Signed;
