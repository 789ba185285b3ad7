//! `/wx_service/card_wxcode?wx_card_key=`: lets a user of WeChat take a card.
//!
//! The page asks WeChat's client to add the card (`wx.addCard` of the JS-SDK). Two signatures make it do
//! so: one over the page's own address, with the `jsapi` ticket, and one over the card, with the card
//! ticket. Both are made anew for every visit, since the client takes no time stamp and nonce twice.

use std::sync::Arc;
use std::time::Duration;

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use askama::Template;
use futures_util::future::LocalBoxFuture;
use serde::Serialize;
use tokio::time::Instant;
use wxgate_store::clock::now_ms;
use wxgate_store::model::springboard::{CardPage, Purpose};
use wxgate_token::Token;
use wxgate_wechat::signature::{CardExt, js_sdk};
use wxgate_wechat::{TicketKind, WeChat, WeChatError};

use super::board::{self, Button};
use super::fault::Fault;
use super::frame::{Frame, Policy};
use super::visit::Visit;
use super::words::Words;
use crate::Refusal;
use crate::color::Color;
use crate::uri::web_address;

/// How long the tickets may take: a visitor waits no longer for a page.
const TICKETS_WITHIN: Duration = Duration::from_secs(8);

#[derive(Template)]
#[template(path = "take_card.html")]
struct Page<'a> {
    frame: &'a Frame,
    title: &'a str,
    words: &'static Words,
    card: String,
    button: Option<Button<'a>>,
}

/// What the page's script works with.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Offer<'a> {
    app_id: &'a str,
    timestamp: u64,
    nonce_str: &'a str,
    signature: String,
    card_id: &'a str,
    /// JSON within JSON, as `addCard` wants it.
    card_ext: String,
    success_uri: Option<String>,
    /// Where to try again, telling which tickets did not serve.
    again: String,
}

/// As WeChat's client reads it; what is empty is neither sent nor signed, but for the two that it wants
/// to see.
#[derive(Serialize)]
struct Ext<'a> {
    code: &'a str,
    openid: &'a str,
    timestamp: &'a str,
    nonce_str: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    outer_str: &'a str,
    signature: String,
}

/// Both tickets.
struct Tickets {
    jsapi: Token,
    card: Token,
}

pub(super) fn visit(visit: &Visit) -> LocalBoxFuture<'_, Result<HttpResponse, Fault>> {
    Box::pin(offer(visit))
}

async fn offer(visit: &Visit) -> Result<HttpResponse, Fault> {
    let board = board::of(visit).await?;
    let Purpose::TakeCard(card) = board.purpose else { return Err(Fault::NoSuchPage) };
    let tickets = tickets(visit, &board.app).await?;
    let frame = Frame::new(visit.language).coloured(Color::parse(&card.main_color).unwrap_or(Color::USUAL));
    let nonce_str = hex::encode(rand::random::<[u8; 16]>());
    let signed = sign(&visit.address(), &board.key, &board.app, &card, &nonce_str, &tickets)?;
    let words = Words::of(visit.language);
    let page = Page {
        frame: &frame,
        title: words.take,
        words,
        card: serde_json::to_string(&signed).map_err(Refusal::internal)?,
        button: Button::of(&card),
    };
    frame.respond(StatusCode::OK, &page, Policy::Sdk)
}

async fn tickets(visit: &Visit, app: &str) -> Result<Tickets, Fault> {
    let (app, doubted) = (app.to_owned(), visit.param("again").and_then(|text| doubted(&text)));
    let fetch = |wechat: Arc<WeChat>| async move { fetch(&wechat, &app, doubted).await };
    visit.gateway.ask_wechat(fetch).await?.map_err(Fault::of_wechat)
}

async fn fetch(wechat: &WeChat, app: &str, doubted: Option<(i64, i64)>) -> Result<Tickets, WeChatError> {
    if let Some((jsapi, card)) = doubted {
        wechat.doubt_ticket(app, TicketKind::Jsapi, jsapi);
        wechat.doubt_ticket(app, TicketKind::Card, card);
    }
    let by = Instant::now() + TICKETS_WITHIN;
    let jsapi = wechat.ticket(app, TicketKind::Jsapi, by).await?;
    let card = wechat.ticket(app, TicketKind::Card, by).await?;
    Ok(Tickets { jsapi, card })
}

/// Reads what [`Offer::again`] tells.
fn doubted(text: &str) -> Option<(i64, i64)> {
    let (jsapi, card) = text.split_once('.')?;
    Some((jsapi.parse().ok()?, card.parse().ok()?))
}

fn sign<'a>(
    address: &str,
    key: &str,
    app_id: &'a str,
    card: &'a CardPage,
    nonce_str: &'a str,
    tickets: &Tickets,
) -> Result<Offer<'a>, Refusal> {
    let timestamp = u64::try_from(now_ms() / 1000).unwrap_or_default();
    let Tickets { jsapi, card: card_ticket } = tickets;
    Ok(Offer {
        app_id,
        timestamp,
        nonce_str,
        signature: js_sdk(jsapi.expose(), nonce_str, timestamp, address),
        card_id: &card.card_id,
        card_ext: card_ext(card, &timestamp.to_string(), nonce_str, card_ticket.expose())?,
        success_uri: web_address(&card.success_uri).map(String::from),
        again: format!("?wx_card_key={key}&again={}.{}", jsapi.generation(), card_ticket.generation()),
    })
}

fn card_ext(card: &CardPage, timestamp: &str, nonce_str: &str, ticket: &str) -> Result<String, Refusal> {
    let signed = CardExt { timestamp, card_id: &card.card_id, nonce_str, ..CardExt::default() };
    let signature = signed.sign(ticket);
    let ext = Ext { code: "", openid: "", timestamp, nonce_str, outer_str: &card.outer_id, signature };
    serde_json::to_string(&ext).map_err(Refusal::internal)
}
