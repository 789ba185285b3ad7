//! What the socket says: numbered tokens, and messages that go through unless told otherwise.

use std::collections::VecDeque;
use std::sync::Mutex;

use super::server::{Received, Reply};
use super::{SECRET, TOKEN};

#[derive(Default)]
pub struct Fake(Mutex<State>);

#[derive(Default)]
struct State {
    issued: usize,
    retired: usize,
    token_replies: VecDeque<Reply>,
    send_replies: VecDeque<Reply>,
    refusal: Option<Reply>,
}

/// A JSON answer, sent as `text/plain` the way WeChat often does.
pub fn json(body: &str) -> Reply {
    Reply::Whole { status: 200, content_type: "text/plain", body: body.into() }
}

/// Which of the issued tokens a request came with.
fn token_number(request: &Received) -> Option<usize> {
    request.query("access_token")?.strip_prefix(TOKEN)?.parse().ok()
}

impl Fake {
    /// What the next fetch of a token gets instead of a token.
    pub fn next_token_reply(&self, reply: Reply) {
        self.0.lock().unwrap().token_replies.push_back(reply);
    }

    /// What the next send gets instead of success.
    pub fn next_send_reply(&self, reply: Reply) {
        self.0.lock().unwrap().send_replies.push_back(reply);
    }

    /// Every token issued so far is refused from now on.
    pub fn retire_tokens(&self) {
        let mut state = self.0.lock().unwrap();
        state.retired = state.issued;
    }

    /// What a retired token gets instead of a plain 40001.
    pub fn refuse_with(&self, reply: Reply) {
        self.0.lock().unwrap().refusal = Some(reply);
    }

    /// Tokens handed out.
    pub fn issued(&self) -> usize {
        self.0.lock().unwrap().issued
    }

    pub fn reply(&self, request: &Received) -> Reply {
        let mut state = self.0.lock().unwrap();
        match request.url.path() {
            "/cgi-bin/token" => {
                assert_eq!(request.query("secret").as_deref(), Some(SECRET));
                state.token_replies.pop_front().unwrap_or_else(|| state.next_token())
            }
            "/cgi-bin/stable_token" => state.token_replies.pop_front().unwrap_or_else(|| state.next_token()),
            "/cgi-bin/message/template/send" => state.send(token_number(request)),
            other => panic!("nobody should ask for {other}"),
        }
    }
}

impl State {
    fn next_token(&mut self) -> Reply {
        self.issued += 1;
        json(&format!(r#"{{"access_token":"{TOKEN}{}","expires_in":7200}}"#, self.issued))
    }

    fn send(&mut self, token: Option<usize>) -> Reply {
        if token.is_none_or(|number| number <= self.retired) {
            let refused = || json(r#"{"errcode":40001,"errmsg":"invalid credential rid: 1-2-3"}"#);
            return self.refusal.clone().unwrap_or_else(refused);
        }
        let ok = || json(r#"{"errcode":0,"errmsg":"ok","msgid":3662956322040938501}"#);
        self.send_replies.pop_front().unwrap_or_else(ok)
    }
}
