DROP INDEX series_by_name;
CREATE INDEX series_by_name ON series (deployment, name);
ALTER TABLE series DROP COLUMN first_day, DROP COLUMN last_day;
