-- name: last_run
-- The run before the one that starts now ($1).
SELECT id, seen_at, stopped_at
FROM daemon_runs
WHERE id <> $1
ORDER BY started_at DESC
LIMIT 1;

-- name: open_run
-- Record that a run ($1) of version $3 on host $2 has begun at $4; $5: the kernel kept its ports before.
INSERT INTO daemon_runs (id, host, version, started_at, seen_at, kept_sockets)
VALUES ($1, $2, $3, $4, $4, $5)
ON CONFLICT (id) DO NOTHING;

-- name: see_run
-- Record that the counts of run $1 are complete until $2; $3: it has stopped then.
UPDATE daemon_runs
SET seen_at = $2::timestamptz, stopped_at = CASE WHEN $3 THEN $2::timestamptz END
WHERE id = $1;

-- name: put
-- Write amounts of run $1 by minute, connector, stage and reason; existing rows are replaced, so that
-- writing twice is the same as writing once.
INSERT INTO loss_ledger (run_id, minute, connector, stage, reason, amount)
SELECT $1, page.minute, page.connector, page.stage, page.reason, page.amount
FROM unnest($2::timestamptz[], $3::text[], $4::text[], $5::text[], $6::bigint[])
    AS page (minute, connector, stage, reason, amount)
ON CONFLICT (minute, run_id, connector, stage, reason) DO UPDATE SET amount = excluded.amount;

-- name: sums
-- Everything counted from $1 on but the levels, added up over minutes and runs.
SELECT connector, stage, reason, sum(amount)::bigint AS amount
FROM loss_ledger
WHERE minute >= $1 AND stage <> ALL ($2::text[])
GROUP BY connector, stage, reason
ORDER BY connector, stage, reason;

-- name: over_time
-- The amounts of the stages $3 from $1 on, by connector, in steps of $2 that begin at midnight.
SELECT date_bin($2::interval, minute, '2000-01-01T00:00Z') AS at, connector, stage, sum(amount)::bigint AS amount
FROM loss_ledger
WHERE minute >= $1 AND stage = ANY ($3::text[])
GROUP BY 1, 2, 3
ORDER BY 1, 2, 3;
