-- name: record
-- Store the open alerts of each device where they have changed since the last time; none: an empty list.
WITH present AS (
    SELECT coalesce(device_ip, device_name) AS key, jsonb_agg(jsonb_build_object(
        'id', id, 'alert_type', alert_type, 'resource', resource, 'severity', severity, 'status', status,
        'title', title, 'occurred_at', occurred_at
    ) ORDER BY id) AS alerts
    FROM alerts WHERE status IN ('active', 'acknowledged', 'suppressed')
    GROUP BY 1
), last AS (
    SELECT DISTINCT ON (device_key) device_key AS key, state_data->'alerts' AS alerts
    FROM state_snapshots ORDER BY device_key, snapshot_time DESC
)
INSERT INTO state_snapshots (device_key, state_data)
SELECT key, jsonb_build_object('alerts', coalesce(present.alerts, '[]'))
FROM present FULL JOIN last USING (key)
WHERE coalesce(present.alerts, '[]') IS DISTINCT FROM last.alerts
  AND (present.alerts IS NOT NULL OR last.alerts <> '[]');

-- name: at
-- The alerts of a device (keys $1) that were open at $2, with status and severity of that time by their history.
SELECT a.id, a.alert_type, a.resource, a.title, a.occurred_at,
       coalesce(before.new_status, 'active') AS status,
       coalesce(rated.severity, a.severity) AS severity
FROM alerts a
LEFT JOIN LATERAL (
    SELECT new_status FROM alert_history h
    WHERE h.alert_id = a.id AND h.created_at <= $2 AND h.new_status IS NOT NULL
    ORDER BY h.created_at DESC, h.id DESC LIMIT 1
) AS before ON true
LEFT JOIN LATERAL (
    -- the first change after that time says what it was
    SELECT h.changes->'severity'->>0 AS severity FROM alert_history h
    WHERE h.alert_id = a.id AND h.created_at > $2 AND json_typeof(h.changes->'severity') = 'array'
    ORDER BY h.created_at, h.id LIMIT 1
) AS rated ON true
WHERE (a.device_ip = ANY($1::text[]) OR (a.device_ip IS NULL AND a.device_name = ANY($1)))
  AND a.received_at <= $2
  AND coalesce(before.new_status, 'active') IN ('active', 'acknowledged', 'suppressed')
  AND (a.status IN ('active', 'acknowledged', 'suppressed') OR coalesce(a.resolved_at, a.updated_at) > $2)
ORDER BY a.occurred_at, a.id;

-- name: snapshot
-- The last state of a device that was stored at $2 or before.
SELECT snapshot_time, state_data FROM state_snapshots
WHERE device_key = ANY($1::text[]) AND snapshot_time <= $2
ORDER BY snapshot_time DESC LIMIT 1;

-- name: prune_reports
-- Delete reports made before $1.
DELETE FROM maintenance_reports WHERE generated_time < $1;

-- name: prune_jobs
-- Delete jobs begun before $1.
DELETE FROM report_jobs WHERE created_at < $1;

-- name: prune_states
-- Delete states stored before $1, but the last one of each device.
DELETE FROM state_snapshots s
WHERE snapshot_time < $1 AND EXISTS (
    SELECT FROM state_snapshots later WHERE later.device_key = s.device_key AND later.snapshot_time > s.snapshot_time
);
