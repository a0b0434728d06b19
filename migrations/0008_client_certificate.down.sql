-- To whoever does not know of certificates they would be tokens.
DELETE FROM access_token WHERE certificate;
ALTER TABLE access_token DROP COLUMN certificate;
