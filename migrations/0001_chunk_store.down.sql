DROP TABLE dead_letter;
DROP TABLE deletion;
DROP SEQUENCE deletion_id;
DROP TABLE journal_cursor;
DROP TABLE series;
DROP TABLE chunk;
DROP SEQUENCE chunk_id;
