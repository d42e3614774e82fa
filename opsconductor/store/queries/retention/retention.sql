-- name: alerts
-- Delete up to $2 alerts that ended before $1, with their history, links to them and messages about them.
WITH picked AS (
    SELECT id FROM alerts
    WHERE status IN ('resolved', 'expired') AND resolved_at < $1
    ORDER BY resolved_at
    LIMIT $2
    FOR UPDATE SKIP LOCKED
), history AS (
    DELETE FROM alert_history WHERE alert_id IN (SELECT id FROM picked)
), consequences AS (
    UPDATE alerts SET correlated_to_id = NULL, updated_at = clock_timestamp()
    WHERE correlated_to_id IN (SELECT id FROM picked) AND id NOT IN (SELECT id FROM picked)
), outbox AS (
    DELETE FROM notification_outbox WHERE alert_id IN (SELECT id FROM picked)
)
DELETE FROM alerts WHERE status IN ('resolved', 'expired') AND id IN (SELECT id FROM picked);

-- name: alert_history_default
-- Delete up to $2 rows from before $1 that no monthly partition has taken, but for those of open alerts.
DELETE FROM alert_history_default
WHERE (alert_id, created_at, id) IN (
    SELECT h.alert_id, h.created_at, h.id FROM alert_history_default h
    WHERE h.created_at < $1
      AND NOT EXISTS (
          SELECT FROM alerts a
          WHERE a.id = h.alert_id AND a.status IN ('active', 'acknowledged', 'suppressed')
      )
    LIMIT $2
);

-- name: notification_log
-- Delete up to $2 notifications from before $1.
DELETE FROM notification_log
WHERE id IN (SELECT id FROM notification_log WHERE created_at < $1 LIMIT $2);

-- name: audit_log
-- Delete up to $2 of the oldest entries, all of them from before $1.
DELETE FROM audit_log
WHERE seq IN (
    SELECT seq FROM audit_log
    WHERE created_at < $1
      AND seq < coalesce((SELECT min(seq) FROM audit_log WHERE created_at >= $1), 9223372036854775807)
    ORDER BY seq
    LIMIT $2
);

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

-- name: unmatched_clears
-- Delete up to $2 counts of unmatched clears of the days before $1.
DELETE FROM unmatched_clears
WHERE (day, connector, device, alert_type, resource) IN (
    SELECT day, connector, device, alert_type, resource FROM unmatched_clears
    WHERE day < ($1::timestamptz AT TIME ZONE 'UTC')::date
    LIMIT $2
);

-- name: set_aside
-- Delete up to $2 of what was set aside before $1.
DELETE FROM set_aside
WHERE id IN (SELECT id FROM set_aside WHERE at < $1 LIMIT $2);

-- name: batch_jobs
-- Delete up to $2 jobs of datasets that ended before $1.
DELETE FROM batch_jobs WHERE id IN (SELECT id FROM batch_jobs WHERE completed_at < $1 LIMIT $2);

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
-- Keep writers and other makers out: rows in the default partition are moved.
LOCK TABLE alert_history IN SHARE ROW EXCLUSIVE MODE;

-- name: lock_alert_history_for_dropping
-- Take at once the lock that detaching and dropping a partition needs.
LOCK TABLE alert_history IN ACCESS EXCLUSIVE MODE;

-- name: lock_raw_events_for_making
-- Keep writers and other makers out: rows in the default partition are moved.
LOCK TABLE raw_events IN SHARE ROW EXCLUSIVE MODE;

-- name: lock_raw_events_for_dropping
-- Take at once the lock that dropping a partition needs.
LOCK TABLE raw_events IN ACCESS EXCLUSIVE MODE;

-- name: lock_anomalies_for_making
-- Keep writers and other makers out: rows in the default partition are moved.
LOCK TABLE anomalies IN SHARE ROW EXCLUSIVE MODE;

-- name: lock_anomalies_for_dropping
-- Take at once the lock that detaching and dropping a partition needs.
LOCK TABLE anomalies IN ACCESS EXCLUSIVE MODE;

-- name: anomalies_default
-- Delete up to $2 ended anomalies from before $1 that no monthly partition has taken.
DELETE FROM anomalies_default
WHERE (detected_at, id) IN (
    SELECT detected_at, id FROM anomalies_default WHERE detected_at < $1 AND ended_at IS NOT NULL LIMIT $2);

-- name: data_points_default
-- Delete up to $2 rows from before $1 that no partition has taken.
DELETE FROM data_points_default
WHERE (series_id, start) IN (SELECT series_id, start FROM data_points_default WHERE start < $1 LIMIT $2);

-- name: data_points_5m_default
-- Delete up to $2 rows from before $1 that no partition has taken.
DELETE FROM data_points_5m_default
WHERE (series_id, start) IN (SELECT series_id, start FROM data_points_5m_default WHERE start < $1 LIMIT $2);

-- name: data_points_1h_default
-- Delete up to $2 rows from before $1 that no partition has taken.
DELETE FROM data_points_1h_default
WHERE (series_id, start) IN (SELECT series_id, start FROM data_points_1h_default WHERE start < $1 LIMIT $2);

-- name: lock_metric_batches_for_making
-- Keep writers and other makers out: rows in the default partition are moved.
LOCK TABLE metric_batches IN SHARE ROW EXCLUSIVE MODE;

-- name: lock_metric_batches_for_dropping
-- Take at once the lock that dropping a partition needs.
LOCK TABLE metric_batches IN ACCESS EXCLUSIVE MODE;

-- name: lock_data_points_for_making
-- Keep writers and other makers out: rows in the default partition are moved.
LOCK TABLE data_points IN SHARE ROW EXCLUSIVE MODE;

-- name: lock_data_points_for_dropping
-- Take at once the lock that dropping a partition needs.
LOCK TABLE data_points IN ACCESS EXCLUSIVE MODE;

-- name: lock_data_points_5m_for_making
-- Keep writers and other makers out: rows in the default partition are moved.
LOCK TABLE data_points_5m IN SHARE ROW EXCLUSIVE MODE;

-- name: lock_data_points_5m_for_dropping
-- Take at once the lock that dropping a partition needs.
LOCK TABLE data_points_5m IN ACCESS EXCLUSIVE MODE;

-- name: lock_data_points_1h_for_making
-- Keep writers and other makers out: rows in the default partition are moved.
LOCK TABLE data_points_1h IN SHARE ROW EXCLUSIVE MODE;

-- name: lock_data_points_1h_for_dropping
-- Take at once the lock that dropping a partition needs.
LOCK TABLE data_points_1h IN ACCESS EXCLUSIVE MODE;

-- name: read_last_prune
-- When rows were deleted last, and by which settings ($1: the key of the row).
SELECT value FROM system_settings WHERE key = $1;

-- name: record_prune
-- Store when rows were deleted last, and by which settings.
INSERT INTO system_settings (key, value, updated_by) VALUES ($1, $2, 'opsconductor')
ON CONFLICT (key) DO UPDATE SET value = excluded.value, updated_by = excluded.updated_by;

-- name: count_old
-- By table the number of rows older than its limit, and of all.
SELECT 'alerts' AS relation,
       count(*) FILTER (WHERE status IN ('resolved', 'expired') AND resolved_at < $1) AS old,
       count(*) AS total
FROM alerts
UNION ALL
SELECT 'alert_history',
       count(*) FILTER (WHERE h.created_at < $2 AND NOT EXISTS (
           SELECT FROM alerts a
           WHERE a.id = h.alert_id AND a.status IN ('active', 'acknowledged', 'suppressed')
       )),
       count(*)
FROM alert_history h
UNION ALL
SELECT 'raw_events', count(*) FILTER (WHERE received_at < $3), count(*) FROM raw_events
UNION ALL
SELECT 'notification_log', count(*) FILTER (WHERE created_at < $4), count(*) FROM notification_log
UNION ALL
SELECT 'audit_log', count(*) FILTER (WHERE created_at < $5), count(*) FROM audit_log;

-- name: partitions
-- Names of the partitions of table $1.
SELECT c.relname::text AS name
FROM pg_inherits i
JOIN pg_class c ON c.oid = i.inhrelid
WHERE i.inhparent = $1::text::regclass
ORDER BY c.relname;
