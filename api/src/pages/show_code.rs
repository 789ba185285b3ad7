//! `/wx_service/card?wx_card_key=`: shows a card's code, for people and for scanners.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use askama::Template;
use futures_util::future::LocalBoxFuture;
use wxgate_store::model::springboard::Purpose;

use super::board::{self, Button};
use super::code_image::{self, Image};
use super::fault::Fault;
use super::frame::{Frame, Policy};
use super::visit::Visit;
use super::words::Words;
use crate::color::Color;

#[derive(Template)]
#[template(path = "show_code.html")]
struct Page<'a> {
    frame: &'a Frame,
    title: &'a str,
    words: &'static Words,
    code: &'a str,
    bars: Option<Image>,
    qr: Option<Image>,
    button: Option<Button<'a>>,
}

pub(super) fn visit(visit: &Visit) -> LocalBoxFuture<'_, Result<HttpResponse, Fault>> {
    Box::pin(show(visit))
}

async fn show(visit: &Visit) -> Result<HttpResponse, Fault> {
    let board = board::of(visit).await?;
    let Purpose::ShowCode(card) = board.purpose else { return Err(Fault::NoSuchPage) };
    let frame = Frame::new(visit.language).coloured(Color::parse(&card.main_color).unwrap_or(Color::USUAL));
    let words = Words::of(visit.language);
    let page = Page {
        frame: &frame,
        title: words.code,
        words,
        code: &card.code,
        bars: code_image::bars(&card.code),
        qr: code_image::qr(&card.code),
        button: Button::of(&card),
    };
    frame.respond(StatusCode::OK, &page, Policy::Plain)
}
