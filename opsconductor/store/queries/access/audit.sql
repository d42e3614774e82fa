-- name: record
-- Records who has changed what, from where.
INSERT INTO audit_log (actor, action, subject, details, remote_ip) VALUES ($1, $2, $3, $4, $5);

-- name: list
-- Entries before number $1, the newest first: of an actor, an action (or all that begin with it and a dot), a
-- subject, a period; at most $7.
SELECT seq, actor, action, subject, details, remote_ip, created_at
FROM audit_log
WHERE ($1::bigint IS NULL OR seq < $1)
  AND ($2::text IS NULL OR actor = $2)
  AND ($3::text IS NULL OR action = $3 OR starts_with(action, $3 || '.'))
  AND ($4::text IS NULL OR subject = $4)
  AND ($5::timestamptz IS NULL OR created_at >= $5)
  AND ($6::timestamptz IS NULL OR created_at < $6)
ORDER BY seq DESC
LIMIT $7;

-- name: head
-- The newest entry, and the last one that retention has deleted.
SELECT seq, hash, pruned_seq, pruned_hash FROM audit_chain;

-- name: hashed
-- Up to $2 entries after number $1 with what their hash covers.
SELECT seq, hash, audit_text(audit_log) AS text FROM audit_log WHERE seq > $1 ORDER BY seq LIMIT $2;
