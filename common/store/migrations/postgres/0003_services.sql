-- Requests that are answered at once have turns: the number of the last one, and until when it is held
-- (NULL: it is over).
ALTER TABLE replays
    ADD COLUMN turn INT NOT NULL DEFAULT 0,
    ADD COLUMN held_until BIGINT,
    -- A turn lapsed: what was begun then may have taken effect, whatever later turns came to.
    ADD COLUMN lapsed BOOLEAN NOT NULL DEFAULT false;

CREATE TABLE springboards (
    key         TEXT PRIMARY KEY,
    client_code TEXT NOT NULL,
    app_id      TEXT NOT NULL,
    purpose     TEXT NOT NULL,
    -- Sealed.
    user_data   BYTEA,
    created_at  BIGINT NOT NULL,
    -- Of a login: the code that it is being or was completed with, and where the browser was sent.
    code        TEXT,
    held_until  BIGINT,
    finished_at BIGINT,
    redirect    TEXT
);
CREATE INDEX springboards_age ON springboards (created_at);

CREATE TABLE short_links (
    id          TEXT PRIMARY KEY,
    client_code TEXT NOT NULL,
    out_id      TEXT NOT NULL,
    target      TEXT NOT NULL,
    created_at  BIGINT NOT NULL,
    visits      BIGINT NOT NULL DEFAULT 0
) WITH (fillfactor = 80);

CREATE TABLE pushes (
    app_id   TEXT NOT NULL,
    digest   BYTEA NOT NULL,
    noted_at BIGINT NOT NULL,
    PRIMARY KEY (app_id, digest)
);
CREATE INDEX pushes_age ON pushes (noted_at);

CREATE TABLE components (
    appid                    TEXT PRIMARY KEY,
    secret                   BYTEA NOT NULL,
    token                    BYTEA NOT NULL,
    aes_key                  BYTEA NOT NULL,
    verify_ticket            BYTEA,
    -- Unix seconds by WeChat's clock, as pushed.
    verify_ticket_created_at BIGINT
);

-- Which platform an app has authorised. It counts while that is the app's platform; apart from the app,
-- since every refresh writes here and operators write there.
CREATE TABLE authorisations (
    app_id          TEXT PRIMARY KEY,
    component_appid TEXT NOT NULL,
    refresh_token   BYTEA NOT NULL,
    -- Unix seconds by WeChat's clock, as pushed; null when it did not come by a push.
    authorised_at   BIGINT
);
