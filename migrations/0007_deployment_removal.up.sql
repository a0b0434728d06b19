-- Deleting a deployment for good: an act like a deletion, for every journal in its own time.

ALTER TABLE deletion ADD COLUMN whole boolean NOT NULL DEFAULT false;  -- the deployment with its metrics, series, dead letters and keys
ALTER TABLE deletion ADD COLUMN keys bigint;                           -- of a whole one: how many data keys were destroyed

-- Of whole ones there is a row as soon as a journal's server has seen it.
ALTER TABLE deletion_journal ALTER COLUMN left_at DROP NOT NULL;
ALTER TABLE deletion_journal ADD COLUMN before_sequence bigint;    -- the journal's records from here on came after it
ALTER TABLE deletion_journal ADD COLUMN removed_at timestamptz;    -- those before it were delivered, and removed from the tables
