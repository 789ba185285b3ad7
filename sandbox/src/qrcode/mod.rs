//! Parametric QR codes: making tickets for them, and showing their pictures.

mod picture;
mod request;
mod store;

pub use store::QrCode;
pub(crate) use store::QrCodes;

use serde_json::{Value, json};

use crate::apps::QRCODE_PATH;
use crate::endpoint::{Endpoint, Verb};
use crate::errcode::Refusal;
use crate::reply::Reply;
use crate::session::Session;
use request::Wanted;

/// Length of what follows `gQ` in a ticket. Real ones are Base64 of 68 bytes, with padding.
const TICKET_LENGTH: usize = 88;
/// Length of the last part of a QR code's payload; real ones have 22 characters.
const URL_LENGTH: usize = 22;

/// `POST /cgi-bin/qrcode/create`.
pub(crate) const CREATE: Endpoint = Endpoint::post(QRCODE_PATH, create);

/// `GET /cgi-bin/showqrcode`, which WeChat has on `mp.weixin.qq.com` and asks for no token.
pub(crate) const SHOW: Endpoint = Endpoint {
    path: "/cgi-bin/showqrcode",
    verb: Verb::Get,
    has_secrets: false,
    app_of: |call, state| state.qrcodes.app_of(call.query("ticket")?),
    answer: |session| Ok(show(session)),
};

/// A new QR code as it is answered, beside what it was asked for with.
pub(crate) struct Made {
    pub(crate) ticket: String,
    pub(crate) url: String,
}

fn create(session: &Session<'_>) -> Result<Reply, Refusal> {
    let account = session.authenticate()?;
    session.meter(&account, QRCODE_PATH)?;
    let wanted = request::parse(session.body()?)?;
    let expire_seconds = wanted.expire_seconds;
    let made = make(session, &account.id, wanted)?;
    let mut body = json!({"ticket": made.ticket});
    if let Some(seconds) = expire_seconds {
        body["expire_seconds"] = seconds.into();
    }
    body["url"] = made.url.into();
    Ok(Reply::done(&body))
}

/// Makes a QR code for an app, of scenes and of cards alike.
pub(crate) fn make(session: &Session<'_>, app: &str, wanted: Wanted) -> Result<Made, Refusal> {
    let chance = &session.state.chance;
    let made = Made {
        ticket: format!("gQ{}==", chance.word(TICKET_LENGTH)),
        url: format!("http://weixin.qq.com/q/{}", chance.word(URL_LENGTH)),
    };
    let code = QrCode {
        ticket: made.ticket.clone(),
        url: made.url.clone(),
        app: app.to_owned(),
        action_name: wanted.action_name.to_owned(),
        action_info: wanted.action_info,
        expires_ms: wanted.expire_seconds.map(|seconds| session.now + i64::from(seconds) * 1000),
    };
    session.state.qrcodes.keep(code, session.now)?;
    Ok(made)
}

/// A card's QR code of `action_name`, living for so many seconds.
pub(crate) fn make_for_cards(
    session: &Session<'_>,
    app: &str,
    action_name: &'static str,
    action_info: Value,
    expire_seconds: u32,
) -> Result<Made, Refusal> {
    make(session, app, Wanted { action_name, action_info, expire_seconds: Some(expire_seconds) })
}

fn show(session: &Session<'_>) -> Reply {
    let ticket = session.call.query("ticket").unwrap_or_default();
    let picture = session.state.qrcodes.url_of(ticket, session.now).and_then(|url| picture::jpeg(&url));
    match picture {
        Some(jpeg) => Reply::foreign(200, "image/jpg", jpeg),
        None => Reply::foreign(404, "text/html", "<html><body>404</body></html>\n"),
    }
}
