-- Times are Unix milliseconds by this server's clock.

CREATE TABLE meta (
    name  TEXT PRIMARY KEY,
    value BIGINT NOT NULL,
    sealed BYTEA
);
INSERT INTO meta (name, value) VALUES ('revision', 1);

CREATE FUNCTION now_ms() RETURNS BIGINT LANGUAGE sql VOLATILE PARALLEL SAFE
    RETURN (extract(epoch FROM clock_timestamp()) * 1000)::BIGINT;

CREATE SEQUENCE job_ids AS BIGINT MAXVALUE 9007199254740991;

CREATE TABLE jobs (
    id              BIGINT PRIMARY KEY,
    client_code     TEXT NOT NULL,
    app_id          TEXT NOT NULL,
    kind            TEXT NOT NULL,
    state           TEXT NOT NULL,
    payload         TEXT NOT NULL,
    subject         TEXT NOT NULL,
    request_id      TEXT,
    request_digest  BYTEA,
    callback_url    TEXT,
    receipt         BOOLEAN NOT NULL,
    created_at      BIGINT NOT NULL,
    updated_at      BIGINT NOT NULL,
    due_at          BIGINT NOT NULL,
    deadline_at     BIGINT NOT NULL,
    expires         BOOLEAN NOT NULL,
    attempts        INT NOT NULL DEFAULT 0,
    ambiguous_at    BIGINT,
    worker          BIGINT,
    claim           INT NOT NULL DEFAULT 0,
    msgid           BIGINT,
    result          TEXT,
    error_code      TEXT,
    error_errcode   BIGINT,
    error_message   TEXT,
    -- One JSON object a line for each attempt: it lives and goes with its job.
    history         TEXT NOT NULL DEFAULT '',
    CONSTRAINT jobs_state CHECK (state IN ('queued', 'running', 'waiting', 'succeeded', 'failed', 'cancelled')),
    CONSTRAINT jobs_running_has_worker CHECK ((state = 'running') = (worker IS NOT NULL)),
    CONSTRAINT jobs_failed_has_reason CHECK (state <> 'failed' OR error_code IS NOT NULL),
    CONSTRAINT jobs_request_has_digest CHECK ((request_id IS NULL) = (request_digest IS NULL))
) WITH (fillfactor = 80, autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_insert_scale_factor = 0.05);

-- A lane is (client_code, app_id, kind); each is read from its longest due job on.
CREATE INDEX jobs_due ON jobs (client_code, app_id, kind, due_at, id) WHERE state = 'queued';
CREATE INDEX jobs_held ON jobs (worker) WHERE state = 'running';
CREATE UNIQUE INDEX jobs_request ON jobs (client_code, request_id) WHERE request_id IS NOT NULL;
CREATE INDEX jobs_subject ON jobs (subject, id);
CREATE INDEX jobs_final ON jobs (updated_at) WHERE state IN ('succeeded', 'failed', 'cancelled');

CREATE TABLE replays (
    client_code TEXT NOT NULL,
    authcode    BYTEA NOT NULL,
    fingerprint BYTEA NOT NULL,
    job_id      BIGINT,
    answer      TEXT,
    created_at  BIGINT NOT NULL,
    PRIMARY KEY (client_code, authcode)
);
CREATE INDEX replays_age ON replays (created_at);

CREATE TABLE callbacks (
    job_id      BIGINT NOT NULL,
    -- The number of the claim under which the job ended: one callback for each end.
    seq         INT NOT NULL,
    url         TEXT NOT NULL,
    endpoint    TEXT NOT NULL,
    state       TEXT NOT NULL,
    created_at  BIGINT NOT NULL,
    updated_at  BIGINT NOT NULL,
    due_at      BIGINT NOT NULL,
    attempts    INT NOT NULL DEFAULT 0,
    last_status INT,
    worker      BIGINT,
    claim       INT NOT NULL DEFAULT 0,
    history     TEXT NOT NULL DEFAULT '',
    PRIMARY KEY (job_id, seq),
    CONSTRAINT callbacks_state CHECK (state IN ('queued', 'running', 'delivered', 'exhausted')),
    CONSTRAINT callbacks_running_has_worker CHECK ((state = 'running') = (worker IS NOT NULL))
) WITH (fillfactor = 80, autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_insert_scale_factor = 0.05);
CREATE INDEX callbacks_due ON callbacks (endpoint, due_at) WHERE state = 'queued';
CREATE INDEX callbacks_held ON callbacks (worker) WHERE state = 'running';
CREATE INDEX callbacks_exhausted ON callbacks (job_id) WHERE state = 'exhausted';

CREATE TABLE workers (
    id          BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name        TEXT NOT NULL,
    enlisted_at BIGINT NOT NULL,
    lease_until BIGINT NOT NULL
);

CREATE TABLE gates (
    app_id        TEXT NOT NULL,
    -- Empty: every kind.
    kind          TEXT NOT NULL,
    reason        TEXT NOT NULL CHECK (reason IN ('quota', 'suspended')),
    error_code    TEXT NOT NULL,
    error_errcode BIGINT,
    error_message TEXT NOT NULL,
    closed_at     BIGINT NOT NULL,
    next_probe_at BIGINT NOT NULL,
    PRIMARY KEY (app_id, kind)
);

CREATE TABLE apps (
    app_id          TEXT PRIMARY KEY,
    enabled         BOOLEAN NOT NULL,
    secret          BYTEA,
    token_mode      TEXT NOT NULL,
    event_token     BYTEA,
    aes_key         BYTEA,
    component_appid TEXT,
    safe_push_only  BOOLEAN NOT NULL,
    rate            INT,
    concurrency     INT
);

CREATE TABLE clients (
    code            TEXT PRIMARY KEY,
    secret          BYTEA,
    app_id          TEXT,
    open            BOOLEAN NOT NULL,
    allow           TEXT NOT NULL,
    callback_secret BYTEA,
    callback_format TEXT NOT NULL,
    signing         TEXT NOT NULL,
    on_ambiguity    TEXT NOT NULL
);

CREATE TABLE interfaces_off (
    name TEXT PRIMARY KEY
);

CREATE TABLE tokens (
    app_id       TEXT NOT NULL,
    kind         TEXT NOT NULL,
    value        BYTEA,
    generation   BIGINT NOT NULL,
    stored_at    BIGINT NOT NULL,
    renew_at     BIGINT NOT NULL,
    valid_until  BIGINT NOT NULL,
    last_turn    BIGINT NOT NULL,
    held_until   BIGINT,
    -- Days are those of Asia/Shanghai, counted from 1970, by which WeChat counts too.
    day          BIGINT NOT NULL,
    refreshes    BIGINT NOT NULL,
    PRIMARY KEY (app_id, kind)
);
