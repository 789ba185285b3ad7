-- What operators look for is rare among the jobs: they are not worth an index over all of them.
CREATE INDEX jobs_came_to_nothing ON jobs (state, id) WHERE state IN ('failed', 'cancelled');
-- Failures of one cause stand side by side, the newest last. 0: WeChat gave no code.
CREATE INDEX jobs_failures ON jobs (error_code, coalesce(error_errcode, 0), app_id, kind, id) WHERE state = 'failed';

-- What was counted, by minutes since 1970, for charts of the last two days.
CREATE TABLE tallies (
    minute BIGINT NOT NULL,
    series TEXT NOT NULL,
    kind   TEXT NOT NULL,
    count  BIGINT NOT NULL,
    PRIMARY KEY (minute, series, kind)
) WITH (fillfactor = 50);
