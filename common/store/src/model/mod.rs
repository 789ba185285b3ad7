//! What goes into the store and comes out of it.

pub mod callback;
pub mod intake;
pub mod operate;
pub mod status;
pub mod work;
