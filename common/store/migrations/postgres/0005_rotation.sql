-- What a secret was before, and until when it counts beside the new one (Unix milliseconds).
ALTER TABLE clients
    ADD COLUMN former_secret                BYTEA,
    ADD COLUMN former_secret_until          BIGINT,
    ADD COLUMN former_callback_secret       BYTEA,
    ADD COLUMN former_callback_secret_until BIGINT;
