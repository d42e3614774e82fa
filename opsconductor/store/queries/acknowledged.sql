-- name: latest
-- Keys of connector $1 that were committed within $2 before its last ones, the latest first, $3 bytes of
-- them: all at once, since on a machine at its limit each round trip takes a tenth of a second. The server's
-- clock alone decides: that of the daemon may jump.
SELECT keys
FROM (
    SELECT keys, position, sum(length(keys)) OVER (ORDER BY position DESC) AS so_far
    FROM acknowledged_keys
    WHERE connector = $1
      AND written_at >= (
          SELECT written_at FROM acknowledged_keys WHERE connector = $1 ORDER BY position DESC LIMIT 1
      ) - $2::interval
) latest
WHERE so_far <= $3
ORDER BY position DESC;

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
