//! The part of sharing work that both dialects have in common: a new job's place among those that have
//! asked for the same work.

use std::str::FromStr as _;

use sqlx::FromRow;
use wxgate_job::JobState;

use crate::model::intake::NewJob;
use crate::model::sharing::SharedEnd;

/// The job that was the last to lead a piece of work.
#[derive(FromRow)]
pub(crate) struct LeaderRow {
    id: i64,
    state: String,
    result: Option<String>,
    /// Whether jobs wait for its end.
    followed: bool,
}

/// Finds it; `$1` is the work's name.
pub(crate) const LAST_LEADER: &str = "SELECT id, state, result, EXISTS (
         SELECT 1 FROM jobs AS follower
         WHERE follower.leader = jobs.id AND follower.report IS NULL AND follower.state = 'waiting') AS followed
     FROM jobs WHERE sharing = $1 ORDER BY id DESC LIMIT 1";

/// A new job's place, as its row says it.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Place<'a> {
    /// The work that it leads.
    pub(crate) sharing: Option<&'a str>,
    /// The job that it follows.
    pub(crate) leader: Option<i64>,
    /// How that one ended.
    pub(crate) report: Option<String>,
}

impl<'a> Place<'a> {
    /// After a leader that failed or was cancelled the next one leads; but not while somebody still
    /// follows one that was cancelled, since the first of those is to lead.
    pub(crate) fn after(last: Option<LeaderRow>, sharing: &'a str) -> Self {
        let leads = Self { sharing: Some(sharing), ..Self::default() };
        let Some(last) = last else { return leads };
        match JobState::from_str(&last.state) {
            Ok(JobState::Failed) => leads,
            Ok(JobState::Cancelled) if !last.followed => leads,
            Ok(JobState::Succeeded) => {
                let end = SharedEnd::Succeeded(last.result.unwrap_or_else(|| "null".to_owned()));
                let report = serde_json::to_string(&end).ok();
                Self { leader: Some(last.id), report, sharing: None }
            }
            _ => Self { leader: Some(last.id), ..Self::default() },
        }
    }

    /// Whether the job has to wait for its leader's end.
    pub(crate) fn waits(&self) -> bool {
        self.leader.is_some() && self.report.is_none()
    }
}

/// The work that these jobs share, each once and in an order that is everybody's.
pub(crate) fn names<'a>(jobs: &[&'a NewJob]) -> Vec<&'a str> {
    let mut names: Vec<&str> = jobs.iter().filter_map(|job| job.sharing.as_deref()).collect();
    names.sort_unstable();
    names.dedup();
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    fn after(state: JobState) -> Place<'static> {
        let result = Some("{}".to_owned());
        Place::after(Some(LeaderRow { id: 7, state: state.to_string(), result, followed: false }), "work")
    }

    #[test]
    fn a_job_follows_the_living_takes_from_the_successful_and_leads_after_the_others() {
        let leads = Place { sharing: Some("work"), ..Place::default() };
        assert_eq!(Place::after(None, "work"), leads);
        for over in [JobState::Failed, JobState::Cancelled] {
            assert_eq!(after(over), leads);
        }
        for alive in [JobState::Queued, JobState::Running, JobState::Waiting] {
            assert_eq!(after(alive), Place { leader: Some(7), ..Place::default() });
            assert!(after(alive).waits());
        }
        let cancelled = LeaderRow { id: 7, state: "cancelled".to_owned(), result: None, followed: true };
        assert!(Place::after(Some(cancelled), "work").waits(), "another one is to lead");
        let taken = after(JobState::Succeeded);
        assert_eq!((taken.leader, taken.report.as_deref()), (Some(7), Some(r#"{"succeeded":"{}"}"#)));
        assert!(!taken.waits());
    }
}
