//! Carries pushes out: up to three attempts each, a bounded number at once, all of them logged.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use parking_lot::Mutex;
use reqwest::Client;
use reqwest::header::{CONTENT_TYPE, USER_AGENT};
use tokio::sync::Semaphore;
use tokio::time::sleep;

use super::UrlCheck;
use super::address::Address;
use super::log::{Attempt, Push};
use super::sealed::{Letter, Manner, Sealed, Stamp, seal};
use super::xml::text_of;
use crate::bounded::{BoundedLog, Page};
use crate::courier::Courier;
use crate::signature::sign;
use crate::state::State;

/// What WeChat calls itself.
const AGENT: &str = "Mozilla/4.0";
/// Attempts at one push (documented: 3). The pause between them is not documented: there is none.
const ATTEMPTS: usize = 3;
/// Pushes under way at once.
const AT_ONCE: usize = 64;
/// What pushes that wait for their turn or their time may take, in bytes; what comes beyond is not
/// pushed, and says so.
const MOST_WAITING: usize = 64 << 20;

/// All pushes, under way and past.
#[derive(Clone, Debug)]
pub(crate) struct Pushes(Arc<Desk>);

#[derive(Debug)]
struct Desk {
    courier: Courier,
    log: Mutex<BoundedLog<Push>>,
    turns: Semaphore,
    /// Bytes of pushes that did not end yet.
    waiting: AtomicUsize,
}

/// What one push needs on its way.
struct Errand {
    number: u64,
    sealed: Sealed,
    address: Address,
    manner: Manner,
}

impl Errand {
    fn weight(&self) -> usize {
        size_of::<Self>() + 1_000 + self.sealed.body.len()
    }
}

impl Pushes {
    /// Keeps the newest `keep` pushes in its log.
    pub(crate) fn new(courier: &Courier, keep: usize) -> Self {
        Self(Arc::new(Desk {
            courier: courier.clone(),
            log: Mutex::new(BoundedLog::new(keep)),
            turns: Semaphore::new(AT_ONCE),
            waiting: AtomicUsize::new(0),
        }))
    }

    /// Signs a letter, lets it go, and answers its number in the log.
    pub(crate) fn push(&self, state: &State, letter: Letter, address: &Address, manner: Manner) -> u64 {
        let now = state.clock.now();
        let sealed = seal(&letter, address, &manner, now / 1000, &state.chance);
        let number = self.0.note(letter, &sealed, now);
        let errand = Errand { number, sealed, address: address.clone(), manner };
        let desk = Arc::clone(&self.0);
        if desk.waiting.fetch_add(errand.weight(), Ordering::SeqCst) < MOST_WAITING {
            self.0.courier.runtime.spawn(async move { desk.run(errand).await });
        } else {
            desk.end(&errand, Some(Attempt::failed("too many pushes wait already")));
        }
        number
    }

    /// Asks an address to echo a random word, as WeChat does when somebody enters the address.
    pub(crate) async fn check(&self, state: &State, address: &Address) -> UrlCheck {
        let echostr = state.chance.digits(19);
        let mut url = address.url.clone();
        Stamp::new(&address.token, state.clock.now() / 1000, &state.chance).append_to(&mut url);
        url.query_pairs_mut().append_pair("echostr", &echostr);
        let within = Duration::from_millis(Manner::default().answer_within_ms);
        let heard = self.0.courier.ask(|client| client.get(url).header(USER_AGENT, AGENT), within).await;
        let answer = Attempt::from(heard);
        UrlCheck { passed: answer.is_taken() && answer.body == echostr, echostr, answer }
    }

    /// Returns when a push has nothing more to come, or is not in the log any more.
    pub(crate) async fn until_ended(&self, number: u64) {
        let mut activity = self.0.courier.activity().subscribe();
        while self.0.is_under_way(number) && activity.changed().await.is_ok() {}
    }

    /// One push, if the log still has it.
    pub(crate) fn find(&self, number: u64) -> Option<Push> {
        self.0.log.lock().get(number).cloned()
    }

    /// The newest pushes that a filter lets through.
    pub(crate) fn select(&self, limit: usize, keep: impl Fn(&Push) -> bool) -> Page<Push> {
        self.0.log.lock().select(limit, keep)
    }
}

impl Desk {
    fn note(&self, letter: Letter, sealed: &Sealed, at_ms: i64) -> u64 {
        let mut log = self.log.lock();
        let number = log.next_number();
        log.push(Push {
            number,
            at_ms,
            app: letter.app,
            what: letter.what,
            url: sealed.url.to_string(),
            xml: letter.xml,
            body: sealed.body.clone(),
            attempts: Vec::new(),
            ended: false,
        })
    }

    async fn run(&self, errand: Errand) {
        sleep(Duration::from_millis(errand.manner.delay_ms)).await;
        // The semaphore is never closed.
        let _turn = self.turns.acquire().await;
        for _ in 0..ATTEMPTS {
            let attempt = self.attempt(&errand).await;
            let is_taken = attempt.is_taken();
            self.log.lock().amend(errand.number, |push| push.attempts.push(attempt));
            if is_taken {
                break;
            }
        }
        self.end(&errand, None);
    }

    async fn attempt(&self, errand: &Errand) -> Attempt {
        let Sealed { url, body } = errand.sealed.clone();
        let within = Duration::from_millis(errand.manner.answer_within_ms);
        let post = |client: &Client| client.post(url).header(CONTENT_TYPE, "text/xml").body(body);
        let heard = self.courier.ask(|client| post(client).header(USER_AGENT, AGENT), within).await;
        let mut attempt = Attempt::from(heard);
        attempt.decrypted = opened(&attempt.body, &errand.address);
        attempt
    }

    fn end(&self, errand: &Errand, last: Option<Attempt>) {
        self.log.lock().amend(errand.number, |push| {
            push.attempts.extend(last);
            push.ended = true;
        });
        self.waiting.fetch_sub(errand.weight(), Ordering::SeqCst);
        self.courier.activity().send_replace(());
    }

    fn is_under_way(&self, number: u64) -> bool {
        self.log.lock().get(number).is_some_and(|push| !push.ended)
    }
}

/// An encrypted answer as it was meant, unless its signature or its envelope is wrong.
fn opened(answer: &str, address: &Address) -> Option<String> {
    let sealed = text_of(answer, "Encrypt")?;
    let parts = [text_of(answer, "TimeStamp")?, text_of(answer, "Nonce")?, sealed];
    let signature = sign(parts.into_iter().chain([address.token.as_str()]));
    let is_signed = text_of(answer, "MsgSignature") == Some(&signature);
    address.key.as_ref().filter(|_| is_signed)?.open(sealed, &address.sealed_for)
}
