//! What the socket says: numbered tokens, and calls that go through unless told otherwise.

use std::collections::{HashMap, VecDeque};
use std::sync::Mutex;

use super::server::{Received, Reply};
use super::{REFRESH, SECRET, TICKET, TOKEN};

const SEND: &str = "/cgi-bin/message/template/send";

#[derive(Default)]
pub struct Fake(Mutex<State>);

#[derive(Default)]
struct State {
    issued: usize,
    retired: usize,
    tickets: usize,
    token_replies: VecDeque<Reply>,
    replies: HashMap<&'static str, VecDeque<Reply>>,
    refusal: Option<Reply>,
}

/// A JSON answer, sent as `text/plain` the way WeChat often does.
pub fn json(body: &str) -> Reply {
    Reply::Whole { status: 200, content_type: "text/plain", body: body.into() }
}

/// Which of the issued tokens a request came with.
fn token_number(request: &Received) -> Option<usize> {
    let token = request.query("access_token").or_else(|| request.query("component_access_token"))?;
    token.strip_prefix(TOKEN)?.parse().ok()
}

impl Fake {
    /// What the next fetch of an app's own token gets instead of a token.
    pub fn next_token_reply(&self, reply: Reply) {
        self.0.lock().unwrap().token_replies.push_back(reply);
    }

    /// What the next send gets instead of success.
    pub fn next_send_reply(&self, reply: Reply) {
        self.next_reply(SEND, reply);
    }

    /// What the next call of `path` with a good token gets instead of success.
    pub fn next_reply(&self, path: &'static str, reply: Reply) {
        self.0.lock().unwrap().replies.entry(path).or_default().push_back(reply);
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

    /// Tokens handed out, of all kinds.
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
            path @ ("/cgi-bin/component/api_component_token"
            | "/sns/oauth2/access_token"
            | "/sns/userinfo") => state.reply(path),
            path => state.reply_to(path, token_number(request)),
        }
    }
}

impl State {
    fn next_token(&mut self) -> Reply {
        self.issued += 1;
        json(&format!(r#"{{"access_token":"{TOKEN}{}","expires_in":7200}}"#, self.issued))
    }

    /// To a call with a token.
    fn reply_to(&mut self, path: &str, token: Option<usize>) -> Reply {
        if token.is_none_or(|number| number <= self.retired) {
            let refused = || json(r#"{"errcode":40001,"errmsg":"invalid credential rid: 1-2-3"}"#);
            return self.refusal.clone().unwrap_or_else(refused);
        }
        self.reply(path)
    }

    fn reply(&mut self, path: &str) -> Reply {
        if let Some(reply) = self.replies.get_mut(path).and_then(VecDeque::pop_front) {
            return reply;
        }
        match path {
            SEND => json(r#"{"errcode":0,"errmsg":"ok","msgid":3662956322040938501}"#),
            "/cgi-bin/ticket/getticket" => self.next_ticket(),
            "/cgi-bin/component/api_component_token" => self.next_component_token(),
            "/cgi-bin/component/api_authorizer_token" => self.next_authorizer_token(),
            _ => json(r#"{"errcode":0,"errmsg":"ok"}"#),
        }
    }

    fn next_ticket(&mut self) -> Reply {
        self.tickets += 1;
        let ticket = format!("{TICKET}{}", self.tickets);
        json(&format!(r#"{{"errcode":0,"errmsg":"ok","ticket":"{ticket}","expires_in":7200}}"#))
    }

    fn next_component_token(&mut self) -> Reply {
        self.issued += 1;
        json(&format!(r#"{{"component_access_token":"{TOKEN}{}","expires_in":7200}}"#, self.issued))
    }

    fn next_authorizer_token(&mut self) -> Reply {
        self.issued += 1;
        let (token, refresh_token) = (format!("{TOKEN}{}", self.issued), format!("{REFRESH}{}", self.issued));
        json(&format!(
            r#"{{"authorizer_access_token":"{token}","expires_in":7200,"authorizer_refresh_token":"{refresh_token}"}}"#
        ))
    }
}
