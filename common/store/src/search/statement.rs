//! The statements of a search, with the conditions that the filter really has: so each finds its index.

use sqlx::{Database, Encode, QueryBuilder, Type};
use wxgate_job::{JobState, Kind};

use super::{Among, Ids, LOOKED_AT};
use crate::model::operate::JobFilter;

/// Where the dialects differ.
#[derive(Debug)]
pub(crate) struct Words {
    /// What a page tells of jobs and callbacks, up to the jobs themselves.
    pub(crate) views: &'static str,
    /// How their callbacks are found.
    pub(crate) callbacks: &'static str,
    /// WeChat's code, or 0, as the index of failures has it.
    pub(crate) errcode: &'static str,
    /// What leads to running jobs.
    pub(crate) running: &'static str,
    /// What leads to open jobs.
    pub(crate) open: &'static str,
}

/// One search.
#[derive(Debug)]
pub(crate) struct Statement<'a> {
    pub(crate) words: &'static Words,
    pub(crate) filter: &'a JobFilter,
    pub(crate) among: Among,
}

impl Statement<'_> {
    /// The page of these ids.
    pub(crate) fn page<DB>(&self, ids: Ids) -> QueryBuilder<DB>
    where
        DB: Database,
        i64: for<'q> Encode<'q, DB> + Type<DB>,
        String: for<'q> Encode<'q, DB> + Type<DB>,
    {
        let mut query = self.looked_at(&[self.words.views, " (SELECT * FROM jobs"], ids);
        self.push_equal(&mut query, |column| !self.among.keys().contains(&column));
        if let Some(from) = self.filter.created_from {
            query.push(" AND created_at >= ").push_bind(from);
        }
        if let Some(until) = self.filter.created_until {
            query.push(" AND created_at < ").push_bind(until);
        }
        query.push(" ORDER BY id DESC LIMIT ").push_bind(i64::from(self.filter.limit));
        query.push(") AS page ").push(self.words.callbacks).push(" ORDER BY id DESC");
        query
    }

    /// The newest of these jobs that is too many for one page to look at.
    pub(crate) fn too_many<DB>(&self, ids: Ids) -> QueryBuilder<DB>
    where
        DB: Database,
        i64: for<'q> Encode<'q, DB> + Type<DB>,
        String: for<'q> Encode<'q, DB> + Type<DB>,
    {
        let mut query = self.looked_at(&["SELECT id FROM jobs"], ids);
        query.push(" ORDER BY id DESC LIMIT 1 OFFSET ").push_bind(LOOKED_AT);
        query
    }

    /// The jobs of these ids among which the search looks.
    fn looked_at<DB>(&self, begin: &[&'static str], ids: Ids) -> QueryBuilder<DB>
    where
        DB: Database,
        i64: for<'q> Encode<'q, DB> + Type<DB>,
        String: for<'q> Encode<'q, DB> + Type<DB>,
    {
        let mut query = QueryBuilder::new(begin.concat());
        query.push(" WHERE id >= ").push_bind(ids.from).push(" AND id < ").push_bind(ids.below);
        // The partial indexes' own conditions, to the letter.
        match self.among {
            Among::Cause => query.push(" AND state = 'failed'"),
            Among::CameToNothing => query.push(" AND state IN ('failed', 'cancelled')"),
            Among::Running => query.push(" AND ").push(self.words.running),
            Among::Open => query.push(" AND ").push(self.words.open),
            Among::Subject | Among::All => &mut query,
        };
        self.push_equal(&mut query, |column| self.among.keys().contains(&column));
        query
    }

    fn push_equal<DB>(&self, query: &mut QueryBuilder<DB>, wanted: impl Fn(&'static str) -> bool)
    where
        DB: Database,
        i64: for<'q> Encode<'q, DB> + Type<DB>,
        String: for<'q> Encode<'q, DB> + Type<DB>,
    {
        let filter = self.filter;
        let texts = [
            ("state", filter.state.map(JobState::as_str)),
            ("client_code", filter.client.as_deref()),
            ("app_id", filter.app.as_deref()),
            ("kind", filter.kind.as_ref().map(Kind::as_str)),
            ("subject", filter.subject.as_deref()),
            ("error_code", filter.cause.as_ref().map(|cause| cause.code.as_str())),
        ];
        for (column, value) in texts {
            if let Some(value) = value.filter(|_| wanted(column)) {
                query.push(" AND ").push(column).push(" = ").push_bind(value.to_owned());
            }
        }
        if let Some(cause) = filter.cause.as_ref().filter(|_| wanted("error_code")) {
            let errcode = cause.errcode.unwrap_or_default();
            query.push(" AND ").push(self.words.errcode).push(" = ").push_bind(errcode);
        }
    }
}
