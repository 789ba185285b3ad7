-- Times are Unix milliseconds by this machine's clock.

CREATE TABLE meta (
    name  TEXT PRIMARY KEY,
    value INTEGER NOT NULL,
    sealed BLOB
) STRICT;
INSERT INTO meta (name, value) VALUES ('revision', 1);

-- Ids handed out so far: never used again, even when their jobs are gone.
INSERT INTO meta (name, value) VALUES ('job_ids', 0), ('worker_ids', 0);

CREATE TABLE jobs (
    id              INTEGER PRIMARY KEY,
    client_code     TEXT NOT NULL,
    app_id          TEXT NOT NULL,
    kind            TEXT NOT NULL,
    state           TEXT NOT NULL,
    payload         TEXT NOT NULL,
    subject         TEXT NOT NULL,
    request_id      TEXT,
    request_digest  BLOB,
    callback_url    TEXT,
    receipt         INTEGER NOT NULL,
    created_at      INTEGER NOT NULL,
    updated_at      INTEGER NOT NULL,
    due_at          INTEGER NOT NULL,
    deadline_at     INTEGER NOT NULL,
    expires         INTEGER NOT NULL,
    attempts        INTEGER NOT NULL DEFAULT 0,
    ambiguous_at    INTEGER,
    worker          INTEGER,
    claim           INTEGER NOT NULL DEFAULT 0,
    msgid           INTEGER,
    result          TEXT,
    error_code      TEXT,
    error_errcode   INTEGER,
    error_message   TEXT,
    -- One JSON object a line for each attempt: it lives and goes with its job.
    history         TEXT NOT NULL DEFAULT '',
    CONSTRAINT jobs_state CHECK (state IN ('queued', 'running', 'waiting', 'succeeded', 'failed', 'cancelled')),
    CONSTRAINT jobs_running_has_worker CHECK ((state = 'running') = (worker IS NOT NULL)),
    CONSTRAINT jobs_failed_has_reason CHECK (state <> 'failed' OR error_code IS NOT NULL),
    CONSTRAINT jobs_request_has_digest CHECK ((request_id IS NULL) = (request_digest IS NULL))
) STRICT;

-- A lane is (client_code, app_id, kind); each is read from its longest due job on.
CREATE INDEX jobs_due ON jobs (client_code, app_id, kind, due_at, id) WHERE state = 'queued';
CREATE INDEX jobs_held ON jobs (worker) WHERE state = 'running';
CREATE UNIQUE INDEX jobs_request ON jobs (client_code, request_id) WHERE request_id IS NOT NULL;
CREATE INDEX jobs_subject ON jobs (subject, id);
CREATE INDEX jobs_final ON jobs (updated_at) WHERE state IN ('succeeded', 'failed', 'cancelled');

CREATE TABLE replays (
    client_code TEXT NOT NULL,
    authcode    BLOB NOT NULL,
    fingerprint BLOB NOT NULL,
    job_id      INTEGER,
    answer      TEXT,
    created_at  INTEGER NOT NULL,
    PRIMARY KEY (client_code, authcode)
) STRICT, WITHOUT ROWID;
CREATE INDEX replays_age ON replays (created_at);

CREATE TABLE callbacks (
    job_id      INTEGER NOT NULL,
    -- The number of the claim under which the job ended: one callback for each end.
    seq         INTEGER NOT NULL,
    url         TEXT NOT NULL,
    endpoint    TEXT NOT NULL,
    state       TEXT NOT NULL,
    created_at  INTEGER NOT NULL,
    updated_at  INTEGER NOT NULL,
    due_at      INTEGER NOT NULL,
    attempts    INTEGER NOT NULL DEFAULT 0,
    last_status INTEGER,
    worker      INTEGER,
    claim       INTEGER NOT NULL DEFAULT 0,
    history     TEXT NOT NULL DEFAULT '',
    PRIMARY KEY (job_id, seq),
    CONSTRAINT callbacks_state CHECK (state IN ('queued', 'running', 'delivered', 'exhausted')),
    CONSTRAINT callbacks_running_has_worker CHECK ((state = 'running') = (worker IS NOT NULL))
) STRICT;
CREATE INDEX callbacks_due ON callbacks (endpoint, due_at) WHERE state = 'queued';
CREATE INDEX callbacks_held ON callbacks (worker) WHERE state = 'running';
CREATE INDEX callbacks_exhausted ON callbacks (job_id) WHERE state = 'exhausted';

CREATE TABLE workers (
    id          INTEGER PRIMARY KEY,
    name        TEXT NOT NULL,
    enlisted_at INTEGER NOT NULL,
    lease_until INTEGER NOT NULL
) STRICT;

CREATE TABLE gates (
    app_id        TEXT NOT NULL,
    -- Empty: every kind.
    kind          TEXT NOT NULL,
    reason        TEXT NOT NULL CHECK (reason IN ('quota', 'suspended')),
    error_code    TEXT NOT NULL,
    error_errcode INTEGER,
    error_message TEXT NOT NULL,
    closed_at     INTEGER NOT NULL,
    next_probe_at INTEGER NOT NULL,
    PRIMARY KEY (app_id, kind)
) STRICT;

CREATE TABLE apps (
    app_id          TEXT PRIMARY KEY,
    enabled         INTEGER NOT NULL,
    secret          BLOB,
    token_mode      TEXT NOT NULL,
    event_token     BLOB,
    aes_key         BLOB,
    component_appid TEXT,
    safe_push_only  INTEGER NOT NULL,
    rate            INTEGER,
    concurrency     INTEGER
) STRICT;

CREATE TABLE clients (
    code            TEXT PRIMARY KEY,
    secret          BLOB,
    app_id          TEXT,
    open            INTEGER NOT NULL,
    allow           TEXT NOT NULL,
    callback_secret BLOB,
    callback_format TEXT NOT NULL,
    signing         TEXT NOT NULL,
    on_ambiguity    TEXT NOT NULL
) STRICT;

CREATE TABLE interfaces_off (
    name TEXT PRIMARY KEY
) STRICT;

CREATE TABLE tokens (
    app_id       TEXT NOT NULL,
    kind         TEXT NOT NULL,
    value        BLOB,
    generation   INTEGER NOT NULL,
    stored_at    INTEGER NOT NULL,
    renew_at     INTEGER NOT NULL,
    valid_until  INTEGER NOT NULL,
    last_turn    INTEGER NOT NULL,
    held_until   INTEGER,
    -- Days are those of Asia/Shanghai, counted from 1970, by which WeChat counts too.
    day          INTEGER NOT NULL,
    refreshes    INTEGER NOT NULL,
    PRIMARY KEY (app_id, kind)
) STRICT;
