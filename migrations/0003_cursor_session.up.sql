-- Which server writes a journal's records, and since when (microseconds since 1970): two may have copies of one data folder. `told_to_stop`
-- is the session of the one that came later.
ALTER TABLE journal_cursor
  ADD COLUMN session       bigint NOT NULL DEFAULT 0,
  ADD COLUMN session_since bigint NOT NULL DEFAULT 0,
  ADD COLUMN told_to_stop  bigint NOT NULL DEFAULT 0;
