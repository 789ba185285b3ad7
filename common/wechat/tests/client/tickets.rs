//! Tickets for signatures.

use crate::support::{APP, PLATFORM_APP, TICKET, TOKEN, World, all_words, assert_no_secret, json, soon};
use tokio::time::timeout_at;
use wxgate_secret::Secret;
use wxgate_token::testing::refresh_tokens::Accounts;
use wxgate_wechat::{TicketKind, WeChatError};

const GET_TICKET: &str = "/cgi-bin/ticket/getticket";

#[tokio::test]
async fn each_kind_of_ticket_is_fetched_once_with_the_access_token() {
    let world = World::start().await;
    for (kind, name, number) in [(TicketKind::Jsapi, "jsapi", 1), (TicketKind::Card, "wx_card", 2)] {
        for _ in 0..3 {
            let ticket = world.wechat.ticket(APP, kind, soon()).await.unwrap();
            assert_eq!(ticket.expose(), format!("{TICKET}{number}"));
        }
        let request = &world.server.received(GET_TICKET)[number - 1];
        assert_eq!(request.query("type").as_deref(), Some(name));
        assert_eq!(request.query("access_token"), Some(format!("{TOKEN}1")));
    }
    assert_eq!(world.server.received(GET_TICKET).len(), 2);
}

#[tokio::test]
async fn a_token_that_is_refused_is_renewed_and_the_ticket_comes() {
    let world = World::start().await;
    world.send().await.unwrap();
    world.fake.retire_tokens();

    let ticket = world.wechat.ticket(APP, TicketKind::Card, soon()).await.unwrap();

    assert_eq!((ticket.expose(), world.fake.issued()), (&*format!("{TICKET}1"), 2));
}

#[tokio::test]
async fn a_ticket_that_is_doubted_is_replaced_while_it_serves_on() {
    let world = World::start().await;
    let doubted = world.wechat.ticket(APP, TicketKind::Card, soon()).await.unwrap();

    world.wechat.doubt_ticket(APP, TicketKind::Card, doubted.generation());

    let newer = timeout_at(soon(), async {
        loop {
            let ticket = world.wechat.ticket(APP, TicketKind::Card, soon()).await.unwrap();
            if ticket.generation() > doubted.generation() {
                break ticket;
            }
            assert_eq!(ticket.expose(), doubted.expose());
            tokio::task::yield_now().await;
        }
    });
    assert_eq!(newer.await.unwrap().expose(), format!("{TICKET}2"));
}

#[tokio::test]
async fn an_app_on_a_platform_has_tickets_too() {
    let world = World::start().await;
    world.store.authorise(PLATFORM_APP, Secret::new("CANARY-REFRESH-0")).await;

    let ticket = world.wechat.ticket(PLATFORM_APP, TicketKind::Card, soon()).await.unwrap();

    assert_eq!(ticket.expose(), format!("{TICKET}1"));
    let [request] = &world.server.received(GET_TICKET)[..] else { panic!("one fetch") };
    let account_token = world.wechat.access_token(PLATFORM_APP, soon()).await.unwrap();
    assert_eq!(request.query("access_token").as_deref(), Some(account_token.expose()));
}

#[tokio::test]
async fn why_there_is_no_ticket_is_told() {
    for (answer, words) in [
        (r#"{"errcode":48001,"errmsg":"api unauthorized rid: 1-2-3"}"#, "48001"),
        (r#"{"errcode":0,"errmsg":"ok","expires_in":7200}"#, "holds no token"),
    ] {
        let world = World::start().await;
        world.fake.next_reply(GET_TICKET, json(answer));

        let error = world.wechat.ticket(APP, TicketKind::Card, soon()).await.unwrap_err();

        assert!(matches!(error, WeChatError::Token(_)), "{error:?}");
        assert!(all_words(&error).contains(words), "{}", all_words(&error));
        assert_no_secret(&all_words(&error));
    }
}

#[tokio::test]
async fn a_ticket_that_waits_for_a_token_tells_why_that_does_not_come() {
    let world = World::start().await;
    world.fake.next_token_reply(json(r#"{"errcode":40164,"errmsg":"invalid ip 203.0.113.7"}"#));

    let error = world.wechat.ticket(APP, TicketKind::Card, soon()).await.unwrap_err();

    assert!(all_words(&error).contains("203.0.113.7"), "{}", all_words(&error));
    assert!(matches!(error.into(), wxgate_job::Outcome::AppAtFault(_)));
}
