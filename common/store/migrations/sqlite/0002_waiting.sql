-- A waiting job is due like a queued one: when its news has come, at the latest when its wait ends.
DROP INDEX jobs_due;
CREATE INDEX jobs_due ON jobs (client_code, app_id, kind, due_at, id) WHERE state IN ('queued', 'waiting');

-- The name by which news finds the job.
ALTER TABLE jobs ADD COLUMN awaited TEXT;
-- The news, or the end of the job's leader.
ALTER TABLE jobs ADD COLUMN report TEXT;
-- The job's claim number when the news came: it tells whether a running attempt can know of it.
ALTER TABLE jobs ADD COLUMN report_claim INTEGER;
-- The name of the work that this job does for its followers, too.
ALTER TABLE jobs ADD COLUMN sharing TEXT;
-- The job whose end this one takes over.
ALTER TABLE jobs ADD COLUMN leader INTEGER;

CREATE INDEX jobs_awaited ON jobs (awaited) WHERE awaited IS NOT NULL AND state IN ('queued', 'running', 'waiting');
CREATE INDEX jobs_sharing ON jobs (sharing, id) WHERE sharing IS NOT NULL;
CREATE INDEX jobs_followers ON jobs (leader) WHERE leader IS NOT NULL AND report IS NULL AND state = 'waiting';
-- A message id is here as long as its receipt has not come, and only when one may come at all.
CREATE INDEX jobs_msgid ON jobs (app_id, msgid) WHERE msgid IS NOT NULL;
CREATE INDEX jobs_without_receipt ON jobs (app_id, subject) WHERE msgid IS NOT NULL;

CREATE TABLE receipts (
    id          INTEGER PRIMARY KEY,
    app_id      TEXT NOT NULL,
    openid      TEXT NOT NULL,
    -- 0: WeChat named none.
    msgid       INTEGER NOT NULL,
    delivery    TEXT NOT NULL,
    received_at INTEGER NOT NULL,
    -- When its send is looked for next; null once it was found.
    look_at     INTEGER
) STRICT;
CREATE UNIQUE INDEX receipts_msgid ON receipts (app_id, msgid) WHERE msgid <> 0;
CREATE INDEX receipts_look ON receipts (look_at) WHERE look_at IS NOT NULL;
CREATE INDEX receipts_age ON receipts (received_at);
