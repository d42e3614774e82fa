-- name: sums
-- What was set aside since $1, by kind and origin, with the latest of each.
SELECT DISTINCT ON (kind, origin) kind, origin, count(*) OVER (PARTITION BY kind, origin)::int AS amount,
       at AS latest_at, subject, reason, substring(content FOR 64) AS first_bytes, size
FROM set_aside
WHERE at > $1
ORDER BY kind, origin, at DESC;

-- name: list
-- What was set aside, the latest first: of kind $1 and origin $2 unless they are empty, with $3 in its id, $4
-- at most.
SELECT id, kind, origin, subject, reason, at, size
FROM set_aside
WHERE ($1 = '' OR kind = $1) AND ($2 = '' OR origin = $2) AND position($3 IN id::text) > 0
ORDER BY at DESC, id
LIMIT $4;

-- name: find
-- One row with its content; xmin is another one as soon as the row is written again.
SELECT id, kind, origin, subject, reason, at, size, content, xmin::text AS version
FROM set_aside
WHERE id = $1;

-- name: forget
-- Delete row $1 and write into the audit log that $2 did.
WITH gone AS (DELETE FROM set_aside WHERE id = $1 RETURNING kind, origin, subject, reason)
INSERT INTO audit_log (actor, action, subject, details)
SELECT $2, 'aside.forget', $1::text, jsonb_build_object('before', to_jsonb(gone)) FROM gone;

-- name: settle
-- Delete row $1 if it has not been written again since it was version $2, and write into the audit log that
-- $3 has tried it again.
WITH gone AS (DELETE FROM set_aside WHERE id = $1 AND xmin::text = $2 RETURNING kind, origin, subject, reason)
INSERT INTO audit_log (actor, action, subject, details)
SELECT $3, 'aside.retry', $1::text, jsonb_build_object('before', to_jsonb(gone)) FROM gone;

-- name: set_reason
-- Store why the latest retry of row $1 failed.
UPDATE set_aside SET reason = $2 WHERE id = $1;
