//! How a search for jobs goes: by which index, how far, and from which id on a time begins. [`statement`]
//! writes it down; the dialects run it.

pub(crate) mod statement;

use wxgate_job::JobState;

use crate::error::StoreError;
use crate::model::insight::JobPage;
use crate::model::operate::JobFilter;
use crate::model::status::JobView;
use crate::rows::job_id;

/// Jobs that one page looks at: some 60 ms when none of them passes (measured 2026-11, PostgreSQL, two cores).
pub(crate) const LOOKED_AT: i64 = 50_000;

/// As long as fewer jobs are open than this, all of them are looked at, however old they are.
pub(crate) const FEW: i64 = 10_000;

/// Ids are handed out a little before or after the time is taken, and clocks are set (ms).
const SLACK: i64 = 10_000;

/// Among which jobs a search looks, and so by which index.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Among {
    /// Those about one openid or media id.
    Subject,
    /// Failed ones of one cause, app and kind.
    Cause,
    /// Failed or cancelled ones.
    CameToNothing,
    /// Those that a worker holds.
    Running,
    /// Queued and waiting ones, when they are [`FEW`].
    Open,
    /// All.
    All,
}

impl Among {
    /// The narrowest that has all jobs which pass.
    pub(crate) const fn of(filter: &JobFilter) -> Self {
        if filter.subject.is_some() {
            return Self::Subject;
        }
        match filter.state {
            Some(JobState::Failed) if filter.names_one_cause() => Self::Cause,
            Some(JobState::Failed | JobState::Cancelled) => Self::CameToNothing,
            Some(JobState::Running) => Self::Running,
            Some(JobState::Queued | JobState::Waiting) => Self::Open,
            Some(JobState::Succeeded) | None => Self::All,
        }
    }

    /// The columns of its index that the filter names.
    const fn keys(self) -> &'static [&'static str] {
        match self {
            Self::Subject => &["subject"],
            Self::Cause => &["error_code", "app_id", "kind"],
            Self::CameToNothing => &["state"],
            Self::Running | Self::Open | Self::All => &[],
        }
    }
}

/// The ids that are searched: `from` and above, and less than `below`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Ids {
    pub(crate) from: i64,
    pub(crate) below: i64,
}

impl Ids {
    /// As many of the last as one page looks at: each is one job at most.
    pub(crate) fn last(self) -> Self {
        Self { from: self.from.max(self.below - LOOKED_AT), ..self }
    }

    /// Those that come before `last`.
    pub(crate) const fn before(self, last: Self) -> Self {
        Self { below: last.from, ..self }
    }

    /// Those that come after this one.
    pub(crate) fn after(self, id: Option<i64>) -> Self {
        Self { from: id.map_or(self.from, |id| id + 1), ..self }
    }
}

/// The ids that are searched of those up to `top`. `first_from` answers id and time of the first job from
/// an id on.
pub(crate) async fn ids<F>(
    filter: &JobFilter,
    top: i64,
    first_from: impl Fn(i64) -> F,
) -> Result<Ids, StoreError>
where
    F: Future<Output = Result<Option<(i64, i64)>, StoreError>>,
{
    let mut ids = Ids { from: 0, below: top + 1 };
    if let Some(at) = filter.created_until {
        ids.below = first_since(at.saturating_add(SLACK), ids.below, &first_from).await?;
    }
    if let Some(at) = filter.created_from {
        ids.from = first_since(at.saturating_sub(SLACK), ids.below, &first_from).await?;
    }
    Ok(ids)
}

/// The first id below `end` from which on jobs were created at `at` or later; else `end`. Times grow with
/// ids, so halving finds it with one look at the primary key for each bit of `end`.
async fn first_since<F>(at: i64, end: i64, first_from: &impl Fn(i64) -> F) -> Result<i64, StoreError>
where
    F: Future<Output = Result<Option<(i64, i64)>, StoreError>>,
{
    let (mut earlier, mut later) = (0, end);
    while earlier < later {
        let middle = earlier + (later - earlier) / 2;
        match first_from(middle).await? {
            Some((id, created_at)) if created_at < at => earlier = id + 1,
            Some(_) | None => later = middle,
        }
    }
    Ok(later.min(end))
}

/// Makes a page of the jobs that passed. `more_below`: there are jobs below this id that were not looked at.
pub(crate) fn page(jobs: Vec<JobView>, limit: u32, more_below: Option<i64>) -> Result<JobPage, StoreError> {
    let full = jobs.len() >= usize::try_from(limit).unwrap_or(usize::MAX);
    let searched_to = more_below.filter(|_| !full).map(job_id).transpose()?;
    Ok(JobPage { jobs, searched_to })
}

/// What operators search for, and by which index it is to be found.
#[cfg(test)]
pub(crate) fn asked() -> Vec<(JobFilter, &'static str)> {
    use crate::model::operate::Cause;
    use wxgate_job::Kind;

    let any = || JobFilter {
        client: Some("client1".to_owned()),
        app: Some("wx1".to_owned()),
        kind: Some(Kind::named("async_send_tpl")),
        created_from: Some(1),
        created_until: Some(2),
        limit: 50,
        ..JobFilter::default()
    };
    let all = || JobFilter { limit: 50, ..JobFilter::default() };
    let cause = Some(Cause { code: "wechat".to_owned(), errcode: Some(43004) });
    let mut asked = vec![
        (JobFilter { state: Some(JobState::Failed), cause, ..any() }, "jobs_failures"),
        (
            JobFilter { subject: Some("openid1".to_owned()), state: Some(JobState::Failed), ..any() },
            "jobs_subject",
        ),
    ];
    for (state, index) in [
        (None, "jobs_pkey"),
        (Some(JobState::Succeeded), "jobs_pkey"),
        (Some(JobState::Failed), "jobs_came_to_nothing"),
        (Some(JobState::Cancelled), "jobs_came_to_nothing"),
        (Some(JobState::Running), "jobs_held"),
        (Some(JobState::Queued), "jobs_due"),
        (Some(JobState::Waiting), "jobs_due"),
    ] {
        asked.push((JobFilter { state, ..any() }, index));
        asked.push((JobFilter { state, ..all() }, index));
    }
    asked
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Jobs with every third id from 30 to 3000, created ten milliseconds after each other.
    async fn first_from(id: i64) -> Result<Option<(i64, i64)>, StoreError> {
        let id = (id.max(30) + 2) / 3 * 3;
        Ok((id <= 3000).then_some((id, id / 3 * 10)))
    }

    #[tokio::test]
    async fn a_time_becomes_an_id_that_parts_earlier_jobs_from_later_ones() {
        for (at, first) in [(0, 30), (100, 30), (101, 33), (110, 33), (9_999, 3000), (10_000, 3000)] {
            let found = first_since(at, 3001, &first_from).await.unwrap_or(-1);
            assert!(first - 3 < found && found <= first || first == 30 && found <= 30, "{at}: {found}");
        }
        assert_eq!(first_since(10_001, 3001, &first_from).await.ok(), Some(3001));
        assert_eq!(first_since(10_001, 2000, &first_from).await.ok(), Some(2000));
    }
}
