-- On which days a series has samples, from the first to the last: a question looks only at series of its own days, and
-- retention forgets those whose samples are gone. What was stored before may have samples on any day up to now.

ALTER TABLE series
  ADD COLUMN first_day integer NOT NULL DEFAULT -2147483648,
  ADD COLUMN last_day  integer NOT NULL DEFAULT 2147483647;
UPDATE series SET last_day = (extract(epoch FROM now()) / 86400)::integer + 1;

DROP INDEX series_by_name;
CREATE INDEX series_by_name ON series (name, last_day);
