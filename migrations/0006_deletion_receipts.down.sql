DROP TABLE backup_made;
DROP TABLE deletion_journal;
ALTER TABLE deletion DROP COLUMN records;
