-- OpenID providers by which users come, and which users came by one.

-- Together they name a person for ever; a user who has a password here has neither.
ALTER TABLE user_account ADD COLUMN issuer text NOT NULL DEFAULT '', ADD COLUMN subject text NOT NULL DEFAULT '';
CREATE UNIQUE INDEX user_account_by_subject ON user_account (issuer, subject) WHERE issuer <> '';

-- By which provider a session was opened, and what it calls the session there; empty: with a password.
ALTER TABLE session ADD COLUMN provider text NOT NULL DEFAULT '', ADD COLUMN provider_session text NOT NULL DEFAULT '';

CREATE TABLE identity_provider (
  id           text    PRIMARY KEY,
  title        text    NOT NULL,
  issuer       text    NOT NULL,
  client_id    text    NOT NULL,
  scope        text    NOT NULL,
  redirect_uri text    NOT NULL,  -- empty: by the server's own address
  claim        text    NOT NULL,
  audience     text    NOT NULL,  -- of access tokens; empty: they are not taken
  enabled      boolean NOT NULL,
  secret_key   bigint  NOT NULL,  -- the data key under which the client's secret is sealed
  secret       bytea   NOT NULL   -- empty: none
);

-- Whoever has the value in the claim has the role; an empty value: everybody whom the provider knows.
CREATE TABLE identity_provider_rule (
  provider   text NOT NULL REFERENCES identity_provider ON DELETE CASCADE,
  value      text NOT NULL,
  role       text NOT NULL REFERENCES role,
  deployment text NOT NULL,
  PRIMARY KEY (provider, value, role, deployment)
);
CREATE INDEX identity_provider_rule_by_role ON identity_provider_rule (role);
