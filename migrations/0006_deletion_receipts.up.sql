-- What became of a deletion: how many records it hid, when each journal had none of them left, and which backups were made.

ALTER TABLE deletion ADD COLUMN records bigint;  -- NULL: it was made by an earlier version

CREATE TABLE deletion_journal (
  deletion_id bigint      NOT NULL,
  journal_id  bigint      NOT NULL,
  left_at     timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (deletion_id, journal_id)
);

CREATE TABLE backup_made (
  made_at    timestamptz NOT NULL,
  journal_id bigint      NOT NULL,
  place      text        NOT NULL,
  PRIMARY KEY (made_at, journal_id, place)
);
