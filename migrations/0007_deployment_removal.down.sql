DELETE FROM deletion_journal WHERE left_at IS NULL OR deletion_id IN (SELECT id FROM deletion WHERE whole);
DELETE FROM deletion WHERE whole;
ALTER TABLE deletion_journal DROP COLUMN removed_at;
ALTER TABLE deletion_journal DROP COLUMN before_sequence;
ALTER TABLE deletion_journal ALTER COLUMN left_at SET NOT NULL;
ALTER TABLE deletion DROP COLUMN keys;
ALTER TABLE deletion DROP COLUMN whole;
