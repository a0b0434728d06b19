DROP TABLE identity_provider_rule;
DROP TABLE identity_provider;
ALTER TABLE session DROP COLUMN provider, DROP COLUMN provider_session;
-- Who came by a provider has no password, and would be nobody's.
DELETE FROM user_account WHERE issuer <> '';
DROP INDEX user_account_by_subject;
ALTER TABLE user_account DROP COLUMN issuer, DROP COLUMN subject;
