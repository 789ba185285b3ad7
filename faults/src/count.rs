//! Compares, request by request, what its caller was told, what reached the user, what the receiver
//! got and what the gateway says. Knows nothing of how it should come about.

use std::collections::{BTreeMap, HashSet};
use std::ops::RangeInclusive;

use serde::Serialize;

use crate::ledger::{Note, Outcome};
use crate::receivers::Posted;
use crate::settle::Status;
use crate::wechat::Reached;

/// Examples kept of each sort of breach.
const EXAMPLES: usize = 20;

/// All that is known of one request.
#[derive(Clone, Debug, Default)]
pub struct Story {
    /// Its number.
    pub number: u64,
    /// Whether its client would rather have it fail than sent again when nobody knows whether it was
    /// sent.
    pub may_fail: bool,
    /// Whether its job says that it was sent again although that might be twice.
    pub sent_again_in_doubt: bool,
    /// What its caller notes.
    pub note: Note,
    /// What the gateway says of its job.
    pub status: Status,
    /// What reached its user.
    pub reached: Reached,
    /// What its receiver got.
    pub posted: Vec<Posted>,
}

/// What a run came to.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Count {
    /// Requests made.
    pub requests: u64,
    /// Times that a request was sent, repeats and all.
    pub tries: u64,
    /// Requests that were accepted.
    pub accepted: u64,
    /// Requests that their caller left after an honest 503.
    pub left_after_503: u64,
    /// Jobs that succeeded.
    pub succeeded: u64,
    /// Jobs that failed as `ambiguous`, as their clients want it.
    pub failed_as_ambiguous: u64,
    /// Most attempts of a job.
    pub most_attempts: i64,
    /// Callbacks delivered.
    pub delivered: u64,
    /// Callbacks given up, since the receiver answered 410.
    pub exhausted: u64,
    /// Callbacks posted more often than once.
    pub callbacks_repeated: u64,
    /// Messages that reached a user.
    pub messages: u64,
    /// Users who got a message twice after nine minutes of doubt, as their clients want it.
    pub twice_in_doubt: u64,
    /// Sends that WeChat kept back by their `client_msg_id`.
    pub repeats: u64,
    /// What must not be, with the jobs or requests that it concerns.
    pub breaches: BTreeMap<&'static str, Vec<String>>,
    /// How many of each.
    pub breached: BTreeMap<&'static str, u64>,
}

impl Count {
    /// Counts the stories of a run.
    #[must_use]
    pub fn of(stories: impl IntoIterator<Item = Story>) -> Self {
        let (mut count, mut ids) = (Self::default(), HashSet::new());
        for story in stories {
            if let Outcome::Accepted(id) = story.note.outcome
                && !ids.insert(id)
            {
                count.breach("LOST: two requests share one job", whose(&story, id));
            }
            count.add(&story);
        }
        count
    }

    /// Whether nothing was lost, doubled or told wrongly, and there was something to count.
    #[must_use]
    pub fn is_clean(&self) -> bool {
        self.accepted > 0 && self.breached.is_empty()
    }

    /// Notes something that must not be.
    pub fn breach(&mut self, what: &'static str, whose: String) {
        *self.breached.entry(what).or_default() += 1;
        let examples = self.breaches.entry(what).or_default();
        if examples.len() < EXAMPLES {
            examples.push(whose);
        }
    }

    fn add(&mut self, story: &Story) {
        self.requests += 1;
        self.tries += u64::from(story.note.tries);
        self.messages += story.reached.messages;
        self.repeats += story.reached.repeats;
        self.callbacks_repeated += u64::from(story.posted.len() > 1);
        match &story.note.outcome {
            Outcome::Accepted(id) => self.add_accepted(story, *id),
            Outcome::LeftAfter503 => self.add_left(story),
            Outcome::None => self.breach("never answered", format!("request {}", story.number)),
            Outcome::Refused(words) => {
                self.breach("refused without a reason", format!("request {}: {words}", story.number));
            }
        }
        if story.reached.messages > 1 && story.sent_again_in_doubt && !story.may_fail {
            self.twice_in_doubt += 1;
        } else if story.reached.messages > 1 {
            let messages = story.reached.messages;
            self.breach("SENT TWICE to a user", format!("request {}: {messages} messages", story.number));
        }
    }

    /// A 503 says that nothing was stored.
    fn add_left(&mut self, story: &Story) {
        self.left_after_503 += 1;
        if story.reached.messages > 0 || !story.posted.is_empty() {
            self.breach("503, and yet stored", format!("request {}", story.number));
        }
    }

    fn add_accepted(&mut self, story: &Story, id: i64) {
        self.accepted += 1;
        self.most_attempts = self.most_attempts.max(story.status.attempts);
        let whose = || whose(story, id);
        if story.note.ids.iter().any(|other| *other != id) {
            self.breach("ACCEPTED TWICE", format!("{}: {:?}", whose(), story.note.ids));
        }
        match (story.status.state.as_str(), story.status.error.as_str()) {
            ("succeeded", _) => {
                self.succeeded += 1;
                if story.reached.messages == 0 {
                    self.breach("LOST: said to be sent, and never reached its user", whose());
                }
            }
            ("failed", "ambiguous") if story.may_fail => self.failed_as_ambiguous += 1,
            ("failed", error) => self.breach("failed without a reason", format!("{}: {error}", whose())),
            (state, _) => self.breach("LOST: no final state", format!("{}: {state}", whose())),
        }
        self.add_callback(story, id);
    }

    fn add_callback(&mut self, story: &Story, id: i64) {
        let whose = || whose(story, id);
        let was_answered = |wanted: RangeInclusive<u16>| {
            story.posted.iter().filter_map(|post| post.answered).any(|answered| wanted.contains(&answered))
        };
        match story.status.callback.as_str() {
            "delivered" => {
                self.delivered += 1;
                if !was_answered(200..=299) {
                    self.breach("callback said to be delivered, and never taken", whose());
                }
            }
            "exhausted" => {
                self.exhausted += 1;
                if !was_answered(410..=410) {
                    self.breach("callback given up without a reason", whose());
                }
            }
            state => self.breach("LOST: a callback without an end", format!("{}: {state}", whose())),
        }
        if story.posted.iter().any(|post| post.job != id || post.state != story.status.state) {
            self.breach("callback tells something else than the status", whose());
        }
        if story.posted.windows(2).any(|pair| pair[0].webhook_id != pair[1].webhook_id) {
            self.breach("callback repeated under another webhook-id", whose());
        }
    }
}

fn whose(story: &Story, id: i64) -> String {
    format!("job {id} (request {})", story.number)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn post(answered: u16) -> Posted {
        Posted {
            job: 5,
            state: "succeeded".to_owned(),
            webhook_id: "job_5_1".to_owned(),
            answered: Some(answered),
        }
    }

    fn well() -> Story {
        Story {
            number: 0,
            may_fail: false,
            sent_again_in_doubt: false,
            note: Note { outcome: Outcome::Accepted(5), tries: 2, ids: vec![5, 5], accepted_after: None },
            status: Status {
                state: "succeeded".to_owned(),
                callback: "delivered".to_owned(),
                ..Status::default()
            },
            reached: Reached { messages: 1, repeats: 3 },
            posted: vec![post(500), post(200)],
        }
    }

    #[test]
    fn repeats_that_had_no_effect_are_counted_and_clean() {
        let count = Count::of([well()]);
        assert!(count.is_clean(), "{:?}", count.breaches);
        assert_eq!((count.tries, count.repeats, count.callbacks_repeated), (2, 3, 1));
    }

    #[test]
    fn whatever_is_lost_doubled_or_told_wrongly_is_a_breach() {
        type Spoil = fn(&mut Story);
        let spoilt: [(&str, Spoil); 13] = [
            ("ACCEPTED TWICE", |story| story.note.ids.push(6)),
            ("SENT TWICE to a user", |story| story.reached.messages = 2),
            ("LOST: said to be sent, and never reached its user", |story| story.reached.messages = 0),
            ("LOST: no final state", |story| story.status.state = "queued".to_owned()),
            ("LOST: no final state", |story| story.status.state = "404".to_owned()),
            ("failed without a reason", |story| story.status.state = "failed".to_owned()),
            ("failed without a reason", fail_as_ambiguous),
            ("LOST: a callback without an end", |story| story.status.callback = "pending".to_owned()),
            ("callback said to be delivered, and never taken", |story| story.posted.truncate(1)),
            ("callback given up without a reason", |story| story.status.callback = "exhausted".to_owned()),
            ("callback tells something else than the status", |story| story.posted[0].job = 6),
            ("callback repeated under another webhook-id", |story| story.posted[0].webhook_id.clear()),
            ("never answered", |story| story.note.outcome = Outcome::None),
        ];
        for (what, spoil) in spoilt {
            let mut story = well();
            spoil(&mut story);
            let count = Count::of([story]);
            assert!(!count.is_clean() && count.breached.contains_key(what), "{what}: {:?}", count.breached);
        }
    }

    fn fail_as_ambiguous(story: &mut Story) {
        (story.status.state, story.status.error) = ("failed".to_owned(), "ambiguous".to_owned());
        story.posted.iter_mut().for_each(|post| post.state = "failed".to_owned());
    }

    #[test]
    fn what_is_in_doubt_fails_for_clients_who_want_it_so() {
        let mut story = Story { may_fail: true, ..well() };
        fail_as_ambiguous(&mut story);
        let count = Count::of([story]);
        assert!(count.is_clean() && count.failed_as_ambiguous == 1, "{:?}", count.breaches);
    }

    #[test]
    fn a_message_may_come_twice_where_the_job_says_so_and_its_client_wants_it() {
        let twice = Story { reached: Reached { messages: 2, repeats: 0 }, ..well() };
        let told = Story { sent_again_in_doubt: true, ..twice.clone() };
        let count = Count::of([told.clone()]);
        assert!(count.is_clean() && count.twice_in_doubt == 1, "{:?}", count.breaches);
        for wrong in [twice, Story { may_fail: true, ..told }] {
            assert!(Count::of([wrong]).breached.contains_key("SENT TWICE to a user"));
        }
    }

    #[test]
    fn a_job_that_two_callers_were_given_is_a_breach() {
        let count = Count::of([well(), Story { number: 1, ..well() }]);
        let named = count.breaches.get("LOST: two requests share one job");
        assert_eq!(named, Some(&vec!["job 5 (request 1)".to_owned()]));
    }

    #[test]
    fn a_503_that_stored_something_is_a_breach() {
        let note = Note { outcome: Outcome::LeftAfter503, tries: 1, ..Note::default() };
        let left = Story { note: note.clone(), ..Story::default() };
        assert!(Count::of([left.clone(), well()]).is_clean());
        let sent = Story { reached: Reached { messages: 1, repeats: 0 }, ..left };
        assert!(Count::of([sent]).breached.contains_key("503, and yet stored"));
    }

    #[test]
    fn a_run_without_requests_shows_nothing() {
        assert!(!Count::of([]).is_clean());
    }
}
