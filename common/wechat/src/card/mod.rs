//! Cards beyond handing JSON on: a kind of card checked before WeChat is asked to make it
//! ([`CardDraft`]), and codes of the merchant's own in the batches that WeChat takes ([`codes`]).

pub mod codes;
mod draft;
mod rules;

pub use draft::{CardDraft, Flaw, Problem, with_logo};
