//! The steps of the protocol and the faults, as a model that can be checked.

use std::mem;

use stateright::{Model, Property};

use crate::properties;
use crate::state::{Callback, Claim, Doing, Holder, Job, Phase, Request, State, Verdict, Window};

/// A protocol to be checked.
#[derive(Clone, Debug)]
pub struct Protocol {
    /// The rule that is taken away.
    pub without: Option<Rule>,
    pub when_unsure: WhenUnsure,
    /// Most faults on one path.
    pub faults: u8,
}

/// What the protocol rests on, each to be taken away.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rule {
    /// The caller is answered after the commit.
    AnswerAfterCommit,
    /// The same signed request is recognised.
    ReplayKeys,
    /// Every attempt of a job carries the same `client_msg_id`.
    SameMsgId,
    /// No attempt is made on the strength of a memory that WeChat is about to lose.
    WatchedWindow,
    /// A result counts only under the job's last claim.
    FencedSettling,
    /// Whatever is due and was not heard is rung again.
    Relay,
    /// What a lapsed lease held is queued again.
    Rescue,
    /// A job's end and its callback are one commit.
    CallbackWithTheEnd,
}

/// What the client wants when nobody can know any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WhenUnsure {
    Resend,
    Fail,
}

/// One step. The number is the request's or the worker's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    Send(usize),
    Store(usize),
    Answer(usize),
    Relay,
    /// A worker hears the doorbell and claims what is due.
    Claim(usize),
    /// A worker writes its request to WeChat, or settles without asking.
    Ask(usize),
    /// The request reaches WeChat, and its answer the worker if that still waits.
    Reach(usize),
    Settle(usize),
    /// The second commit of those who need two.
    MakeCallback(usize),
    Post(usize),
    /// The store gives back what a lapsed lease held.
    Rescue,
    /// A worker gives back callbacks that it holds and does not know of.
    Release(usize),
    Restart(usize),
    TimePasses,
    Fault(Fault),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The intake dies, or its connection to the caller.
    LoseRequest(usize),
    /// The broker's disk is wiped.
    LoseDoorbell,
    Kill(usize),
    /// The worker was paused or cut off for too long: others may take over, and it does not know.
    LapseLease(usize),
    /// WeChat did it, and the answer is lost.
    LoseAnswer(usize),
    /// WeChat says that it is busy.
    Busy(usize),
    /// The store did it, and the worker does not know: it will do it again.
    LoseCommit(usize),
}

const BOTH: [usize; 2] = [0, 1];

impl Model for Protocol {
    type State = State;
    type Action = Step;

    fn init_states(&self) -> Vec<State> {
        vec![State::default()]
    }

    fn actions(&self, state: &State, steps: &mut Vec<Step>) {
        let of_each = BOTH.into_iter().flat_map(|n| {
            [
                Step::Send(n),
                Step::Store(n),
                Step::Answer(n),
                Step::Claim(n),
                Step::Ask(n),
                Step::Reach(n),
                Step::Settle(n),
                Step::MakeCallback(n),
                Step::Post(n),
                Step::Release(n),
                Step::Restart(n),
                Step::Fault(Fault::LoseRequest(n)),
                Step::Fault(Fault::Kill(n)),
                Step::Fault(Fault::LapseLease(n)),
                Step::Fault(Fault::LoseAnswer(n)),
                Step::Fault(Fault::Busy(n)),
                Step::Fault(Fault::LoseCommit(n)),
            ]
        });
        let of_all = [Step::Relay, Step::Rescue, Step::TimePasses, Step::Fault(Fault::LoseDoorbell)];
        steps.extend(of_each.chain(of_all).filter(|step| self.after(state, *step).is_some()));
    }

    fn next_state(&self, state: &State, step: Step) -> Option<State> {
        self.after(state, step)
    }

    fn properties(&self) -> Vec<Property<Self>> {
        properties::all()
    }
}

impl Protocol {
    fn has(&self, rule: Rule) -> bool {
        self.without != Some(rule)
    }

    /// Whether nothing more can happen, faults aside.
    pub fn is_over(&self, state: &State) -> bool {
        let mut steps = Vec::new();
        self.actions(state, &mut steps);
        steps.iter().all(|step| matches!(step, Step::Fault(_)))
    }

    /// The state after a step; `None` when the step cannot be taken, or changes nothing.
    fn after(&self, before: &State, step: Step) -> Option<State> {
        let mut state = before.clone();
        let done = match step {
            Step::Send(n) => send(&mut state, n),
            Step::Store(n) => self.store(&mut state, n),
            Step::Answer(n) => self.answer(&mut state, n),
            Step::Relay => self.has(Rule::Relay) && is_due(before) && ring(&mut state),
            Step::Claim(n) => claim(&mut state, n),
            Step::Ask(n) => self.ask(&mut state, n),
            Step::Reach(n) => self.reach(&mut state, n),
            Step::Settle(n) => self.settle(&mut state, n),
            Step::MakeCallback(n) => make_callback(&mut state, n),
            Step::Post(n) => post(&mut state, n),
            Step::Rescue => self.has(Rule::Rescue) && rescue(&mut state),
            Step::Release(n) => release(&mut state, n),
            Step::Restart(n) => restart(&mut state, n),
            Step::TimePasses => time_passes(&mut state),
            Step::Fault(fault) => before.faults < self.faults && self.fail(&mut state, fault),
        };
        (done && state != *before).then_some(state)
    }

    fn store(&self, state: &mut State, n: usize) -> bool {
        state.requests[n] = match state.requests[n] {
            Request::Read => Request::Stored,
            Request::Promised => Request::Answered,
            _ => return false,
        };
        if state.rows == 0 || !self.has(Rule::ReplayKeys) {
            state.rows += 1;
        }
        if state.job.phase == Phase::Absent {
            state.job.phase = Phase::Queued;
        }
        true
    }

    /// The intake rings as it answers; neither waits for the other.
    fn answer(&self, state: &mut State, n: usize) -> bool {
        state.requests[n] = match state.requests[n] {
            Request::Read if !self.has(Rule::AnswerAfterCommit) => Request::Promised,
            Request::Stored => Request::Answered,
            _ => return false,
        };
        ring(state)
    }

    /// The worker looks at what is left of its lease immediately before it writes.
    fn ask(&self, state: &mut State, n: usize) -> bool {
        let Doing::Holding(claim) = state.workers[n].doing else { return false };
        if claim.lease != state.workers[n].lease {
            state.workers[n].doing = Doing::Nothing;
        } else if self.is_too_late(state) {
            state.workers[n].doing = Doing::Knowing(claim, Verdict::GivenUp);
        } else {
            state.workers[n].doing = Doing::Asking(claim);
            state.workers[n].on_the_wire = true;
        }
        true
    }

    fn is_too_late(&self, state: &State) -> bool {
        let unsure = state.job.ambiguous && state.window != Window::Open;
        unsure && self.has(Rule::WatchedWindow) && self.when_unsure == WhenUnsure::Fail
    }

    fn reach(&self, state: &mut State, n: usize) -> bool {
        if !state.workers[n].on_the_wire {
            return false;
        }
        state.workers[n].on_the_wire = false;
        if !state.wechat.remembers || !self.has(Rule::SameMsgId) {
            state.wechat.sent += 1;
            state.wechat.sent_in_window += 1;
        }
        state.wechat.remembers = true;
        if let Doing::Asking(claim) = state.workers[n].doing {
            state.workers[n].doing = Doing::Knowing(claim, Verdict::Done);
        }
        true
    }

    fn settle(&self, state: &mut State, n: usize) -> bool {
        let Doing::Knowing(claim, verdict) = state.workers[n].doing else { return false };
        let holder = Holder { worker: n, lease: claim.lease };
        let is_current = state.job.phase == Phase::Running(holder) && state.job.claim == claim.token;
        state.workers[n].doing = Doing::Nothing;
        if !is_current && self.has(Rule::FencedSettling) {
            return true;
        }
        state.stale_settled |= !is_current;
        match verdict {
            Verdict::Busy => state.job.phase = Phase::Queued,
            Verdict::Unknown => state.job = Job { phase: Phase::Queued, ambiguous: true, ..state.job },
            Verdict::Done | Verdict::GivenUp => {
                state.job.phase = Phase::Final;
                if self.has(Rule::CallbackWithTheEnd) {
                    state.callback = Callback::Claimed(holder);
                    state.workers[n].doing = Doing::Posting;
                } else {
                    state.workers[n].doing = Doing::Ended;
                }
            }
        }
        true
    }

    fn fail(&self, state: &mut State, fault: Fault) -> bool {
        state.faults += 1;
        match fault {
            Fault::LoseRequest(n) => lose_request(state, n),
            Fault::LoseDoorbell => mem::take(&mut state.rung),
            Fault::Kill(n) => kill(state, n),
            Fault::LapseLease(n) => lapse(state, n),
            Fault::LoseAnswer(n) => {
                let Doing::Asking(claim) = state.workers[n].doing else { return false };
                let reached = self.reach(state, n);
                state.workers[n].doing = Doing::Knowing(claim, Verdict::Unknown);
                reached
            }
            Fault::Busy(n) => {
                let Doing::Asking(claim) = state.workers[n].doing else { return false };
                state.workers[n].doing = Doing::Knowing(claim, Verdict::Busy);
                mem::take(&mut state.workers[n].on_the_wire)
            }
            Fault::LoseCommit(n) => {
                let doing = state.workers[n].doing;
                let done = self.settle(state, n);
                state.workers[n].doing = doing;
                done
            }
        }
    }
}

/// The repeat follows when the caller does not know what became of the first.
fn send(state: &mut State, n: usize) -> bool {
    let may = state.requests[n] == Request::NotSent && (n == 0 || state.requests[0] == Request::Lost);
    if may {
        state.requests[n] = Request::Read;
    }
    may
}

fn ring(state: &mut State) -> bool {
    state.rung = true;
    true
}

fn is_due(state: &State) -> bool {
    state.job.phase == Phase::Queued || state.callback == Callback::Due
}

/// The doorbell is acknowledged once the claims are committed, so it is lost with nothing.
fn claim(state: &mut State, n: usize) -> bool {
    if !state.rung || state.workers[n].doing != Doing::Nothing {
        return false;
    }
    state.rung = false;
    let holder = Holder { worker: n, lease: state.workers[n].lease };
    if state.job.phase == Phase::Queued {
        let token = state.job.claim + 1;
        state.job = Job { phase: Phase::Running(holder), claim: token, ..state.job };
        state.workers[n].doing = Doing::Holding(Claim { token, lease: holder.lease });
    } else if state.callback == Callback::Due {
        state.callback = Callback::Claimed(holder);
        state.workers[n].doing = Doing::Posting;
    }
    true
}

fn make_callback(state: &mut State, n: usize) -> bool {
    let may = state.workers[n].doing == Doing::Ended;
    if may {
        state.callback = Callback::Due;
        state.workers[n].doing = Doing::Nothing;
    }
    may
}

/// It may arrive twice: receivers know it by its id.
fn post(state: &mut State, n: usize) -> bool {
    if state.workers[n].doing != Doing::Posting {
        return false;
    }
    state.workers[n].doing = Doing::Nothing;
    let holder = Holder { worker: n, lease: state.workers[n].lease };
    if state.callback == Callback::Claimed(holder) {
        state.callback = Callback::Delivered;
    }
    true
}

fn rescue(state: &mut State) -> bool {
    let lapsed = |holder: Holder| state.workers[holder.worker].lease != holder.lease;
    match (state.job.phase, state.callback) {
        (Phase::Running(holder), _) if lapsed(holder) => {
            state.job = Job { phase: Phase::Queued, ambiguous: true, ..state.job };
            true
        }
        (_, Callback::Claimed(holder)) if lapsed(holder) => {
            state.callback = Callback::Due;
            true
        }
        _ => false,
    }
}

fn release(state: &mut State, n: usize) -> bool {
    let holder = Holder { worker: n, lease: state.workers[n].lease };
    let forgotten = state.workers[n].doing == Doing::Nothing && state.callback == Callback::Claimed(holder);
    if forgotten {
        state.callback = Callback::Due;
    }
    forgotten
}

fn restart(state: &mut State, n: usize) -> bool {
    let dead = state.workers[n].doing == Doing::Dead;
    if dead {
        state.workers[n].doing = Doing::Nothing;
    }
    dead
}

/// Requests live seconds, not minutes: none is under way when WeChat forgets.
fn time_passes(state: &mut State) -> bool {
    match state.window {
        Window::Open if state.job.ambiguous => state.window = Window::Closing,
        Window::Closing if !state.workers.iter().any(|worker| worker.on_the_wire) => {
            state.window = Window::Closed;
            state.wechat.remembers = false;
            state.wechat.sent_in_window = 0;
        }
        _ => return false,
    }
    true
}

fn lose_request(state: &mut State, n: usize) -> bool {
    let under_way = matches!(state.requests[n], Request::Read | Request::Stored);
    if under_way {
        state.requests[n] = Request::Lost;
    }
    under_way
}

/// What it wrote is on its way nevertheless. Its lease is never renewed again.
fn kill(state: &mut State, n: usize) -> bool {
    let worker = &mut state.workers[n];
    let alive = worker.doing != Doing::Dead;
    worker.doing = Doing::Dead;
    worker.lease += 1;
    alive
}

/// A request gets no longer than what is left of the lease, so a worker that waits for WeChat gives up.
fn lapse(state: &mut State, n: usize) -> bool {
    if state.workers[n].doing == Doing::Dead {
        return false;
    }
    state.workers[n].lease += 1;
    if let Doing::Asking(claim) = state.workers[n].doing {
        state.workers[n].doing = Doing::Knowing(claim, Verdict::Unknown);
    }
    true
}
