-- Requests that are answered at once have turns: the number of the last one, and until when it is held
-- (NULL: it is over).
ALTER TABLE replays ADD COLUMN turn INTEGER NOT NULL DEFAULT 0;
ALTER TABLE replays ADD COLUMN held_until INTEGER;
-- A turn lapsed: what was begun then may have taken effect, whatever later turns came to.
ALTER TABLE replays ADD COLUMN lapsed INTEGER NOT NULL DEFAULT 0;

CREATE TABLE springboards (
    key         TEXT PRIMARY KEY,
    client_code TEXT NOT NULL,
    app_id      TEXT NOT NULL,
    purpose     TEXT NOT NULL,
    -- Sealed.
    user_data   BLOB,
    created_at  INTEGER NOT NULL,
    -- Of a login: the code that it is being or was completed with, and where the browser was sent.
    code        TEXT,
    held_until  INTEGER,
    finished_at INTEGER,
    redirect    TEXT
) STRICT;
CREATE INDEX springboards_age ON springboards (created_at);

CREATE TABLE short_links (
    id          TEXT PRIMARY KEY,
    client_code TEXT NOT NULL,
    out_id      TEXT NOT NULL,
    target      TEXT NOT NULL,
    created_at  INTEGER NOT NULL,
    visits      INTEGER NOT NULL DEFAULT 0
) STRICT;

CREATE TABLE pushes (
    app_id   TEXT NOT NULL,
    digest   BLOB NOT NULL,
    noted_at INTEGER NOT NULL,
    PRIMARY KEY (app_id, digest)
) STRICT, WITHOUT ROWID;
CREATE INDEX pushes_age ON pushes (noted_at);

CREATE TABLE components (
    appid                    TEXT PRIMARY KEY,
    secret                   BLOB NOT NULL,
    token                    BLOB NOT NULL,
    aes_key                  BLOB NOT NULL,
    verify_ticket            BLOB,
    -- Unix seconds by WeChat's clock, as pushed.
    verify_ticket_created_at INTEGER
) STRICT;

-- Which platform an app has authorised. It counts while that is the app's platform; apart from the app,
-- since every refresh writes here and operators write there.
CREATE TABLE authorisations (
    app_id          TEXT PRIMARY KEY,
    component_appid TEXT NOT NULL,
    refresh_token   BLOB NOT NULL,
    -- Unix seconds by WeChat's clock, as pushed; null when it did not come by a push.
    authorised_at   INTEGER
) STRICT;
