-- What a secret was before, and until when it counts beside the new one (Unix milliseconds).
ALTER TABLE clients ADD COLUMN former_secret                BLOB;
ALTER TABLE clients ADD COLUMN former_secret_until          INTEGER;
ALTER TABLE clients ADD COLUMN former_callback_secret       BLOB;
ALTER TABLE clients ADD COLUMN former_callback_secret_until INTEGER;
