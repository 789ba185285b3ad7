//! Tickets for pages and cards.

use wxgate_sandbox::APP_ID;

use crate::play::{Heard, Play};

impl Play {
    pub async fn ticket(&self, token: &str, kind: &str) -> Heard {
        self.hear(self.get(&format!("/cgi-bin/ticket/getticket?access_token={token}&type={kind}"))).await
    }
}

#[tokio::test]
async fn a_ticket_stays_the_same_while_it_lives_and_always_says_7200() {
    let play = Play::start();
    let token = play.token().await;
    let first = play.ticket(&token, "jsapi").await.json();
    assert_eq!(
        (&first["errcode"], &first["errmsg"], &first["expires_in"]),
        (&0.into(), &"ok".into(), &7200.into())
    );

    play.pass_s(7_000);
    assert_eq!(play.ticket(&token, "jsapi").await.json(), first);
    play.pass_s(300);
    let renewed = play.ticket(&play.token().await, "jsapi").await.json();
    assert_ne!(renewed["ticket"], first["ticket"]);
}

#[tokio::test]
async fn the_kinds_are_different_tickets_and_others_do_not_exist() {
    let play = Play::start();
    let token = play.token().await;
    let (page, card) = (play.ticket(&token, "jsapi").await, play.ticket(&token, "wx_card").await);
    assert_ne!(page.json()["ticket"], card.json()["ticket"]);
    assert_eq!(play.ticket(&token, "other").await.errcode(), 40097);
    assert_eq!(play.ticket("INVENTED_ACCESS_TOKEN_1", "jsapi").await.errcode(), 40001);
}

#[tokio::test]
async fn a_ticket_is_shortened_in_the_log() {
    let play = Play::start();
    let ticket =
        play.ticket(&play.token().await, "jsapi").await.json()["ticket"].as_str().unwrap().to_owned();
    let call = play.last_call();
    assert_eq!(call.app.as_deref(), Some(APP_ID));
    assert!(!call.answer.unwrap().body.contains(&ticket));
}
