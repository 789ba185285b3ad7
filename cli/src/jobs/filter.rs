//! Which jobs are meant.

use clap::Args;
use wxgate_job::{JobId, JobState, Kind};
use wxgate_operate::jobs::Seen;
use wxgate_store::model::operate::JobFilter;
use wxgate_store::model::status::JobView;
use wxgate_store::{Store, StoreError};

use crate::{local_time, progress};

/// Jobs read at a time when all of them are wanted: a few hundred KiB.
const PAGE: u32 = 1000;

/// Which jobs to list.
#[derive(Args, Debug)]
pub(crate) struct ListArgs {
    /// Only jobs in this state: queued, running, waiting, succeeded, failed or cancelled.
    #[arg(long, value_name = "STATE")]
    state: Option<JobState>,
    #[command(flatten)]
    whose: Whose,
    /// Only jobs accepted then or later, such as `2026-11-22T16:45` by this machine's time zone.
    #[arg(long, value_name = "TIME", value_parser = local_time::parse)]
    since: Option<i64>,
    /// Only jobs accepted before then.
    #[arg(long, value_name = "TIME", value_parser = local_time::parse)]
    until: Option<i64>,
    /// Only jobs older than this one: for the next page, the last id of the one before.
    #[arg(long, value_name = "ID")]
    before: Option<JobId>,
    /// At most so many.
    #[arg(long, value_name = "N", default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    limit: u32,
}

/// Whose jobs are meant; all, unless told otherwise.
#[derive(Args, Debug)]
pub(super) struct Whose {
    /// Only this client's.
    #[arg(long, value_name = "CODE")]
    client: Option<String>,
    /// Only this app's.
    #[arg(long, value_name = "APP_ID")]
    app: Option<String>,
    /// Only of this kind, such as `async_send_tpl`.
    #[arg(long, value_name = "KIND")]
    kind: Option<String>,
    /// Only those about this openid or media id.
    #[arg(long, value_name = "ID")]
    subject: Option<String>,
}

impl Whose {
    pub(super) const fn is_anyone(&self) -> bool {
        self.client.is_none() && self.app.is_none() && self.kind.is_none() && self.subject.is_none()
    }

    /// A filter for whole pages of such jobs in this state.
    pub(super) fn in_state(self, state: JobState) -> JobFilter {
        JobFilter { state: Some(state), limit: PAGE, ..self.into_filter() }
    }

    fn into_filter(self) -> JobFilter {
        let Self { client, app, kind, subject } = self;
        JobFilter { client, app, kind: kind.map(Kind::stored), subject, ..JobFilter::default() }
    }
}

impl ListArgs {
    pub(super) fn filter(self) -> JobFilter {
        JobFilter {
            state: self.state,
            created_from: self.since,
            created_until: self.until,
            before: self.before,
            limit: self.limit,
            ..self.whose.into_filter()
        }
    }
}

/// The newest jobs that pass, as many as the filter wants, however far one has to look for them.
///
/// # Errors
/// When the store fails.
pub(super) async fn newest(store: &dyn Store, mut filter: JobFilter) -> Result<Vec<JobView>, StoreError> {
    let mut jobs = Vec::new();
    loop {
        let page = store.list_jobs(&filter).await?;
        filter.limit -= u32::try_from(page.jobs.len()).unwrap_or(filter.limit);
        filter.before = page.searched_to;
        jobs.extend(page.jobs);
        if filter.before.is_none() {
            return Ok(jobs);
        }
    }
}

/// All jobs that pass, as they are now, page by page.
///
/// # Errors
/// When the store fails.
pub(super) async fn all(store: &dyn Store, mut filter: JobFilter) -> Result<Vec<Seen>, StoreError> {
    let counter = progress::counter("looking for jobs:");
    let mut all = Vec::new();
    loop {
        let page = store.list_jobs(&filter).await?;
        all.extend(page.jobs.iter().map(Seen::of));
        counter.set_position(all.len() as u64);
        filter.before = page.next(filter.limit);
        if filter.before.is_none() {
            counter.finish_and_clear();
            return Ok(all);
        }
    }
}
