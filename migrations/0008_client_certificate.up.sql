-- A TLS client's certificate in place of a token: `digest` is its SHA-256, and `prefix` the beginning of its fingerprint.
ALTER TABLE access_token ADD COLUMN certificate boolean NOT NULL DEFAULT false;
