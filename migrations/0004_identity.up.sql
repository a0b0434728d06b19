-- Who may see what: users, roles, tokens, their grants, sessions, settings; and the audit log. Times are nanoseconds since 1970 (UTC) by the
-- servers' clocks; 0 means never. Secrets are kept as digests only.

-- Every transaction that changes what a server must know raises it: whoever holds this row changes alone.
CREATE TABLE identity_version (
  one_row boolean PRIMARY KEY DEFAULT true CHECK (one_row),
  version bigint  NOT NULL
);
INSERT INTO identity_version (version) VALUES (1);

CREATE TABLE user_account (
  name       text    PRIMARY KEY,  -- in lower case
  full_name  text    NOT NULL,
  password   text    NOT NULL,     -- the hash with its parameters; empty: none, so no log-in with one
  disabled   boolean NOT NULL DEFAULT false,
  created_at bigint  NOT NULL,
  created_by text    NOT NULL,
  last_login bigint  NOT NULL DEFAULT 0
);

CREATE TABLE role (
  name        text    PRIMARY KEY,
  description text    NOT NULL,
  built_in    boolean NOT NULL DEFAULT false
);

-- A role's grants hold for the user where both name the deployment; '*' is all.
CREATE TABLE user_role (
  user_name  text NOT NULL REFERENCES user_account ON DELETE CASCADE,
  role       text NOT NULL REFERENCES role,
  deployment text NOT NULL,
  PRIMARY KEY (user_name, role, deployment)
);
CREATE INDEX user_role_by_role ON user_role (role);

CREATE TABLE access_token (
  id                 text     PRIMARY KEY,
  name               text     NOT NULL,
  prefix             text     NOT NULL,         -- the token's first characters, to tell it by
  digest             bytea    NOT NULL UNIQUE,  -- SHA-256 of the whole token
  owner              text     REFERENCES user_account ON DELETE CASCADE,  -- never more than the owner may; NULL: the instance's own
  default_deployment text     NOT NULL,         -- of records that name none; empty: none
  created_at         bigint   NOT NULL,
  created_by         text     NOT NULL,
  expires_at         bigint   NOT NULL,
  last_used          bigint   NOT NULL DEFAULT 0,
  revoked_at         bigint   NOT NULL DEFAULT 0
);
CREATE INDEX access_token_by_owner ON access_token (owner);

CREATE SEQUENCE access_grant_id;

CREATE TABLE access_grant (
  id             bigint PRIMARY KEY DEFAULT nextval('access_grant_id'),
  user_name      text   REFERENCES user_account ON DELETE CASCADE,
  role           text   REFERENCES role ON DELETE CASCADE,
  token          text   REFERENCES access_token ON DELETE CASCADE,
  deployment     text   NOT NULL,               -- '*': all
  rights         text[] NOT NULL,
  sources        text[] NOT NULL DEFAULT '{}',  -- patterns; none: every source
  custom_metrics text[] NOT NULL DEFAULT '{}',  -- names; none: all
  CHECK (num_nonnulls(user_name, role, token) = 1)
);
CREATE INDEX access_grant_by_user ON access_grant (user_name);
CREATE INDEX access_grant_by_role ON access_grant (role);
CREATE INDEX access_grant_by_token ON access_grant (token);

CREATE TABLE session (
  digest     bytea  PRIMARY KEY,  -- SHA-256 of what the cookie holds
  user_name  text   NOT NULL REFERENCES user_account ON DELETE CASCADE,
  created_at bigint NOT NULL,
  last_seen  bigint NOT NULL,
  expires_at bigint NOT NULL,
  address    text   NOT NULL
);
CREATE INDEX session_by_user ON session (user_name);

CREATE TABLE setting (
  key   text PRIMARY KEY,
  value text NOT NULL
);

INSERT INTO role (name, description, built_in) VALUES
  ('viewer', 'Reads logs and metrics', true),
  ('operator', 'Reads, sends and deletes', true),
  ('administrator', 'May do everything', true);
INSERT INTO access_grant (role, deployment, rights) VALUES
  ('viewer', '*', '{deployment:read,metrics:read,logs:read,custom_metrics:read}'),
  ('operator', '*', '{deployment:read,metrics:read,logs:read,custom_metrics:read,logs:delete,ingest}'),
  ('administrator', '*', '{deployment:read,metrics:read,logs:read,custom_metrics:read,logs:delete,ingest,admin,audit:read}');

-- Each row's hash covers the row and the hash before it, so that a changed, missing or added row shows (`penstock audit verify`).
CREATE TABLE audit (
  id       bigint PRIMARY KEY,  -- 1, 2, 3, … without gaps
  at       bigint NOT NULL,
  actor    text   NOT NULL,
  action   text   NOT NULL,     -- 'token.create'
  object   text   NOT NULL,
  outcome  text   NOT NULL,     -- 'done' or 'refused'
  address  text   NOT NULL,
  detail   text   NOT NULL,     -- JSON
  previous bytea  NOT NULL,
  hash     bytea  NOT NULL
);
CREATE INDEX audit_by_time ON audit (at);

-- The end of the chain: rows that are cut off at the end show too. Whoever holds this row appends alone.
CREATE TABLE audit_head (
  one_row boolean PRIMARY KEY DEFAULT true CHECK (one_row),
  id      bigint  NOT NULL,
  hash    bytea   NOT NULL
);
INSERT INTO audit_head (id, hash) VALUES (0, decode(repeat('00', 32), 'hex'));

-- Against mistakes; against intent there is the chain.
CREATE FUNCTION audit_stays() RETURNS trigger LANGUAGE plpgsql AS
  $$BEGIN RAISE EXCEPTION 'the audit log is only appended to'; END$$;
CREATE TRIGGER audit_rows_stay BEFORE UPDATE OR DELETE ON audit FOR EACH ROW EXECUTE FUNCTION audit_stays();
CREATE TRIGGER audit_stays BEFORE TRUNCATE ON audit FOR EACH STATEMENT EXECUTE FUNCTION audit_stays();
