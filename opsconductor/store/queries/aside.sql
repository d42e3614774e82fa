-- name: sums
-- What was set aside since $1, by kind and origin, with the latest of each.
SELECT DISTINCT ON (kind, origin) kind, origin, count(*) OVER (PARTITION BY kind, origin)::int AS amount,
       at AS latest_at, subject, reason, substring(content FOR 64) AS first_bytes, size
FROM set_aside
WHERE at > $1
ORDER BY kind, origin, at DESC;
