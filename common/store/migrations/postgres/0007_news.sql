-- no-transaction
-- Jobs that have been taken, or been told what they waited for: they go on behind a closed gate.
CREATE INDEX CONCURRENTLY IF NOT EXISTS jobs_news ON jobs (client_code, app_id, kind, due_at)
    WHERE state IN ('queued', 'waiting') AND (result IS NOT NULL OR report IS NOT NULL);
