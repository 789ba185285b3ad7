-- no-transaction
-- Nearly all jobs end a day after they are due, and are found by that. This has the others alone.
CREATE INDEX CONCURRENTLY IF NOT EXISTS jobs_deadline ON jobs (client_code, app_id, kind, deadline_at)
    WHERE state IN ('queued', 'waiting') AND deadline_at <> due_at + 86400000;
