ALTER TABLE journal_cursor
  DROP COLUMN session,
  DROP COLUMN session_since,
  DROP COLUMN told_to_stop;
