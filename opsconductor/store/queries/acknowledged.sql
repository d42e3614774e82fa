-- name: page
-- Keys of connector $1 that were committed within $3 before its last ones, older than position $2, the
-- latest first, $4 rows. The server's clock alone decides: that of the daemon may jump.
SELECT position, keys
FROM acknowledged_keys
WHERE connector = $1
  AND position < $2
  AND written_at >= (
      SELECT written_at FROM acknowledged_keys WHERE connector = $1 ORDER BY position DESC LIMIT 1
  ) - $3::interval
ORDER BY position DESC
LIMIT $4;

-- name: prune
-- Delete keys that were committed more than $1 before the last ones of their connector, and those of
-- connectors that have committed nothing for $2 while others have.
WITH newest AS (
    SELECT DISTINCT ON (connector) connector, written_at
    FROM acknowledged_keys
    ORDER BY connector, position DESC
)
DELETE FROM acknowledged_keys old
USING newest
WHERE old.connector = newest.connector
  AND old.written_at < greatest(
      newest.written_at - $1::interval, (SELECT max(written_at) FROM newest) - $2::interval
  );
