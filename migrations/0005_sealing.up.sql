-- Keys of sealing at rest. Everything here is wrapped: under the outer key, which is never in the database.

-- The outer key in force, by its fingerprint: whoever has another writes no keys. At most one row.
CREATE TABLE sealing (
  one        boolean     PRIMARY KEY DEFAULT true CHECK (one),
  outer_key  text        NOT NULL,
  changed_at timestamptz NOT NULL DEFAULT now()
);

-- Data keys: of a deployment's chunks of a day ('chunk/<day>'), of its dead letters, of its deletions. With a row goes what it opens.
CREATE TABLE data_key (
  deployment text        NOT NULL,
  id         bigint      NOT NULL,
  use        text        NOT NULL,
  wrapped    bytea       NOT NULL,
  retired    boolean     NOT NULL DEFAULT false,  -- new data has another; chunks under it are sealed anew
  created_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (deployment, id)
);
CREATE UNIQUE INDEX data_key_in_force ON data_key (deployment, use) WHERE NOT retired;
CREATE INDEX data_key_by_id ON data_key (id);
