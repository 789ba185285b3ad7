//! For tests: a store in memory, and the rules that every [`crate::TokenStore`] must pass.

pub mod conformance;
mod memory;
pub mod refresh_tokens;

pub use memory::MemoryTokenStore;
