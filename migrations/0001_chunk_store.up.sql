-- The chunk store. Times are nanoseconds since 1970 (UTC), days are days since then. Unsigned 64-bit series ids are kept with their top
-- bit flipped, so that they sort as they do unsigned. Keys begin with the deployment: it is what a distributed Postgres shards by.

CREATE SEQUENCE chunk_id;

CREATE TABLE chunk (
  deployment    text     NOT NULL,
  id            bigint   NOT NULL DEFAULT nextval('chunk_id'),
  journal_id    bigint   NOT NULL,
  min_time      bigint   NOT NULL,
  max_time      bigint   NOT NULL,
  min_sequence  bigint   NOT NULL,
  max_sequence  bigint   NOT NULL,
  record_count  bigint   NOT NULL,
  min_series    bigint   NOT NULL,
  max_series    bigint   NOT NULL,
  key_id        bigint   NOT NULL,
  day           integer  NOT NULL,
  payload_bytes integer  NOT NULL,
  bytes         integer  NOT NULL,  -- header, filter and payload
  kind          smallint NOT NULL,  -- 1 logs, 2 metrics
  level         smallint NOT NULL,
  min_severity  smallint NOT NULL,
  max_severity  smallint NOT NULL,
  rewritten_for bigint[] NOT NULL DEFAULT '{}',  -- open deletions whose records are gone from it
  header        bytea    NOT NULL,
  filter        bytea    NOT NULL,
  payload       bytea    NOT NULL,
  PRIMARY KEY (deployment, day, id)
) PARTITION BY RANGE (day);

-- The bytes are compressed and sealed already.
ALTER TABLE chunk ALTER COLUMN header SET STORAGE EXTERNAL;
ALTER TABLE chunk ALTER COLUMN filter SET STORAGE EXTERNAL;
ALTER TABLE chunk ALTER COLUMN payload SET STORAGE EXTERNAL;

-- Finds a record by its identity without knowing its time.
CREATE INDEX chunk_by_sequence ON chunk (journal_id, max_sequence);

CREATE TABLE series (
  deployment text        NOT NULL,
  id         bigint      NOT NULL,
  name       text        NOT NULL,
  labels     jsonb       NOT NULL,
  first_seen timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (deployment, id)
);
CREATE INDEX series_by_name ON series (deployment, name);

-- First sequence of each journal that is not in the store. Moves only together with the data.
CREATE TABLE journal_cursor (
  journal_id bigint      PRIMARY KEY,
  position   bigint      NOT NULL,
  moved_at   timestamptz NOT NULL DEFAULT now()
);

CREATE SEQUENCE deletion_id;

CREATE TABLE deletion (
  deployment      text        NOT NULL,
  id              bigint      NOT NULL DEFAULT nextval('deletion_id'),
  from_time       bigint      NOT NULL,
  to_time         bigint      NOT NULL,
  filter          text        NOT NULL,
  journal_id      bigint      NOT NULL,
  before_sequence bigint      NOT NULL,
  created_at      bigint      NOT NULL,
  closed_at       timestamptz,
  PRIMARY KEY (deployment, id)
);
CREATE INDEX deletion_open ON deletion (deployment) WHERE closed_at IS NULL;

CREATE TABLE dead_letter (
  journal_id bigint      NOT NULL,
  sequence   bigint      NOT NULL,
  reason     text        NOT NULL,
  detail     text        NOT NULL,
  batch      bytea       NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (journal_id, sequence)
);
CREATE INDEX dead_letter_by_age ON dead_letter (created_at);
