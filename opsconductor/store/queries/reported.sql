-- name: find_keys
-- Which of the keys $2 reporter $1 has used since $3, and for what.
SELECT key, digest FROM reported_keys WHERE reporter = $1 AND key = ANY ($2::text[]) AND reported_at > $3;

-- name: latest_keys
-- The $2 keys that were used last since $1, the latest first.
SELECT reporter, key, digest, reported_at AS at
FROM reported_keys
WHERE reported_at > $1
ORDER BY reported_at DESC
LIMIT $2;
