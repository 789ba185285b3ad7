//! From a call to WeChat to what is done with its connection.

use std::sync::Arc;

use super::inflict::{Struck, inflict};
use super::outcome::Outcome;
use crate::calls::{Call, Ending};
use crate::endpoint::{self, Endpoint};
use crate::errcode::{Errcode, Refusal};
use crate::faults::Strike;
use crate::incoming::Incoming;
use crate::reply::Reply;
use crate::session::Session;
use crate::state::{Shared, State};

/// The name under which statistics count calls to anything that is not simulated.
const NOT_SIMULATED: &str = "(not simulated)";

/// A call on its way: enough to answer it and to note how it ended, also when the client is gone.
pub(super) struct Pending {
    shared: Arc<Shared>,
    state: Arc<State>,
    incoming: Incoming,
    endpoint: Option<&'static Endpoint>,
    app: Option<String>,
    number: u64,
}

/// Answers one request, as WeChat would or as a fault rule says.
pub(super) async fn answer(shared: Arc<Shared>, incoming: Incoming) -> Outcome {
    let (pending, strike) = Pending::arrive(shared, incoming);
    let pushes = pending.state.pushes.clone();
    let outcome = match strike {
        None => {
            let reply = pending.carry_out();
            pending.ended_with(&reply, reply.took_effect);
            Outcome::Answer(reply)
        }
        // In a task of its own: WeChat, too, goes on with a call whose client gave up.
        Some(strike) => actix_web::rt::spawn(inflict(pending, strike)).await.unwrap_or(Outcome::HangUp),
    };
    if let Some(push) = outcome.after_push() {
        pushes.until_ended(push).await;
    }
    outcome
}

impl Pending {
    fn arrive(shared: Arc<Shared>, incoming: Incoming) -> (Self, Option<Strike>) {
        let state = shared.state();
        let endpoint = endpoint::find(&incoming.path);
        let app = endpoint.and_then(|endpoint| (endpoint.app_of)(&incoming, &state));
        let now = state.clock.now();
        let strike = state.faults.strike(&incoming, app.as_deref(), now, &state.chance);
        let rule = strike.as_ref().map(|strike| strike.rule_id);
        let call = Call::arriving(&incoming, app.clone(), rule, has_secrets(endpoint), now);
        let number = state.calls.arrived(call);
        shared.activity.send_replace(());
        (Self { shared, state, incoming, endpoint, app, number }, strike)
    }

    fn session(&self) -> Session<'_> {
        Session::new(&self.state, &self.incoming)
    }
}

impl Struck for Pending {
    fn carry_out(&self) -> Reply {
        match self.endpoint {
            Some(endpoint) => endpoint.carry_out(&self.session()),
            None => not_simulated(&self.incoming.path),
        }
    }

    fn refuse(&self, code: i64, text: Option<String>) -> Reply {
        let text = text.or_else(|| Errcode::text_of(code).map(str::to_owned));
        let text = text.unwrap_or_else(|| format!("errcode {code}"));
        self.session().refuse(&Refusal::saying(code, text))
    }

    fn rotate_tokens(&self) {
        if let Some(app) = &self.app {
            self.state.vault.rotate(app, self.state.clock.now());
        }
    }

    fn ended(&self, ending: Ending<'_>) {
        let path = self.endpoint.map_or(NOT_SIMULATED, |endpoint| endpoint.path);
        self.state.calls.ended(self.number, path, has_secrets(self.endpoint), ending);
        self.shared.activity.send_replace(());
    }
}

/// What is not simulated may hold secrets as well.
fn has_secrets(endpoint: Option<&Endpoint>) -> bool {
    endpoint.is_none_or(|endpoint| endpoint.has_secrets)
}

fn not_simulated(path: &str) -> Reply {
    let sentence = format!("The sandbox does not simulate {path}; /_sandbox/ says what it does.\n");
    Reply::foreign(404, "text/plain; charset=utf-8", sentence)
}
