DO $$
BEGIN
  IF EXISTS (SELECT FROM chunk WHERE key_id <> 0) THEN
    RAISE EXCEPTION 'chunks are sealed with the keys that this step would take away: nobody could read them';
  END IF;
END
$$;
DROP TABLE data_key;
DROP TABLE sealing;
