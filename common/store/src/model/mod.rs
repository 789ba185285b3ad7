//! What goes into the store and comes out of it.

pub mod callback;
pub mod insight;
pub mod intake;
pub mod once;
pub mod operate;
pub mod platform;
pub mod receipt;
pub mod rotation;
pub mod sharing;
pub mod short_link;
pub mod springboard;
pub mod status;
pub mod work;
