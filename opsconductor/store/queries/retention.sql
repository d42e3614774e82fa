-- name: alerts
-- Delete up to $2 alerts that ended before $1; their history goes with them.
DELETE FROM alerts
WHERE id IN (
    SELECT id FROM alerts
    WHERE status IN ('resolved', 'expired') AND resolved_at < $1
    ORDER BY resolved_at
    LIMIT $2
    FOR UPDATE SKIP LOCKED
);

-- name: alert_history_default
-- Delete up to $2 rows from before $1 that no monthly partition has taken.
DELETE FROM alert_history_default
WHERE (id, created_at) IN (SELECT id, created_at FROM alert_history_default WHERE created_at < $1 LIMIT $2);

-- name: notification_log
-- Delete up to $2 notifications from before $1.
DELETE FROM notification_log
WHERE id IN (SELECT id FROM notification_log WHERE created_at < $1 LIMIT $2);

-- name: audit_log
-- Delete up to $2 entries from before $1.
DELETE FROM audit_log
WHERE id IN (SELECT id FROM audit_log WHERE created_at < $1 LIMIT $2);

-- name: loss_ledger
-- Delete up to $2 entries of the loss ledger from before $1.
DELETE FROM loss_ledger
WHERE (minute, run_id, connector, stage, reason) IN (
    SELECT minute, run_id, connector, stage, reason FROM loss_ledger WHERE minute < $1 LIMIT $2
);

-- name: daemon_runs
-- Delete up to $2 runs that ended before $1; never the last, which the next run looks for.
DELETE FROM daemon_runs
WHERE id IN (
    SELECT id FROM daemon_runs run
    WHERE seen_at < $1
      AND EXISTS (SELECT FROM daemon_runs later WHERE later.started_at > run.started_at)
      AND NOT EXISTS (SELECT FROM loss_ledger page WHERE page.run_id = run.id)
    LIMIT $2
);

-- name: sessions
-- Delete up to $2 sessions that ended before $1.
DELETE FROM sessions
WHERE id IN (SELECT id FROM sessions WHERE expires_at < $1 LIMIT $2);

-- name: reported_keys
-- Delete up to $2 keys of reported events from before $1.
DELETE FROM reported_keys
WHERE (reporter, key) IN (SELECT reporter, key FROM reported_keys WHERE reported_at < $1 LIMIT $2);

-- name: raw_events_default
-- Delete up to $2 raw events from before $1 that no daily partition has taken.
DELETE FROM raw_events_default
WHERE (received_at, id) IN (SELECT received_at, id FROM raw_events_default WHERE received_at < $1 LIMIT $2);

-- name: lock_alert_history_for_making
-- Lock in the order in which commits do; a partition's foreign key needs this lock on both tables.
LOCK TABLE alerts, alert_history IN SHARE ROW EXCLUSIVE MODE;

-- name: lock_alert_history_for_dropping
-- Lock in the order in which commits do; a foreign key that goes needs this lock on both tables.
LOCK TABLE alerts, alert_history IN ACCESS EXCLUSIVE MODE;

-- name: lock_raw_events_for_making
-- Let nobody write or make partitions meanwhile: what lies in the default partition is moved.
LOCK TABLE raw_events IN SHARE ROW EXCLUSIVE MODE;

-- name: lock_raw_events_for_dropping
-- Take at once the lock that dropping a partition needs.
LOCK TABLE raw_events IN ACCESS EXCLUSIVE MODE;

-- name: partitions
-- Names of the partitions of table $1.
SELECT c.relname::text AS name
FROM pg_inherits i
JOIN pg_class c ON c.oid = i.inhrelid
WHERE i.inhparent = $1::text::regclass
ORDER BY c.relname;
