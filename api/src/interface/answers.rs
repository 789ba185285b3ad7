//! What an interface answers.

use super::shape::Shape;

/// What `data` holds, and what follows.
#[derive(Clone, Copy, Debug)]
pub struct Answers {
    /// With retcode 200.
    pub data: Shape,
    /// With retcode 202; an interface without it never answers that.
    pub pending: Option<Shape>,
    /// How its job is followed, if it accepts one.
    pub job: Option<Job>,
}

/// How a caller learns of the end of the job that it was promised.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Job {
    /// `get_job_status` tells: `data` is the job's number or names it `job_id`.
    Numbered,
    /// This interface tells, asked with the parameters of the same names: 202 until the end.
    ToldBy(&'static str),
}

impl Answers {
    /// Success with this.
    #[must_use]
    pub const fn with(data: Shape) -> Self {
        Self { data, pending: None, job: None }
    }

    /// The same, or 202 with this to ask again with.
    #[must_use]
    pub const fn or_pending(self, shape: Shape) -> Self {
        Self { pending: Some(shape), ..self }
    }

    /// The same, for an interface that accepts a job.
    #[must_use]
    pub const fn of_job(self, job: Job) -> Self {
        Self { job: Some(job), ..self }
    }
}
