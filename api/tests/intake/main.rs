//! The intake over real sockets, on the embedded store.

#![allow(clippy::unwrap_used, reason = "a failed test may panic")]
#![allow(clippy::needless_pass_by_value, reason = "requests read better without references")]

mod addresses;
mod admin;
mod cancel;
mod card_codes;
mod card_making;
mod card_pages;
mod cards;
mod checks;
mod console;
mod described;
mod every_interface;
mod fake_wechat;
mod http;
mod languages;
mod logging;
mod members;
mod messages;
mod once;
mod one_byte;
mod operator;
mod page_cards;
mod page_links;
mod page_login;
mod page_tool;
mod platform_apps;
mod push;
mod push_account;
mod push_platform;
mod push_receipts;
mod qrcodes;
mod repeats;
mod request;
mod rotation;
mod send;
mod short_links;
mod springboards;
mod status;
mod stopping;
mod strangers;
mod support;
mod transport;
mod uploads;
mod wechat_apps;
