-- name: find_keys
-- Which of the keys $2 reporter $1 has used since $3, and for what.
SELECT key, digest FROM reported_keys WHERE reporter = $1 AND key = ANY ($2::text[]) AND reported_at > $3;

-- name: note_keys
-- Keeps keys that were used: reporters $1, keys $2, digests $3, times $4; one that is used anew counts anew.
INSERT INTO reported_keys (reporter, key, digest, reported_at)
SELECT * FROM unnest($1::text[], $2::text[], $3::bytea[], $4::timestamptz[])
ON CONFLICT (reporter, key) DO UPDATE SET digest = EXCLUDED.digest, reported_at = EXCLUDED.reported_at;
