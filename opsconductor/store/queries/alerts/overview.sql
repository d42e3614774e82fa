-- name: sums
-- Sums of the alerts from $1 up to $2 that meet {rows}, by severity in steps of $3, of the other names the $4 largest:
--   severity, device, type: alerts that began, by name
--   flapping: times that a device has begun to flap
--   acknowledged, resolved: alerts by the time that it took, as the number of a bin (8 x the logarithm of a second more); those that began
--     and are acknowledged, and those that were resolved
--   total: alerts, their reports, consequences that no one was notified of, their causes, alerts that a person was
--     notified of, messages sent
WITH began AS MATERIALIZED (
    SELECT occurred_at, severity, alert_type, coalesce(device_name, device_ip) AS device, occurrence_count,
           correlated_to_id, notified <> '[]' AS is_notified, acknowledged_at - occurred_at AS took
    FROM alerts
    WHERE occurred_at >= $1 AND occurred_at < $2 AND {rows}
), severities AS (
    SELECT date_bin($3::interval, occurred_at, '2000-01-01T00:00Z') AS at, severity AS name, count(*) AS amount
    FROM began GROUP BY 1, 2
), devices AS (
    SELECT device AS name, count(*) AS amount FROM began GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT $4
), types AS (
    SELECT alert_type AS name, count(*) AS amount FROM began GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT $4
), flapping AS (
    SELECT coalesce(a.device_name, a.device_ip) AS name, count(*) AS amount
    FROM alert_history h JOIN alerts a ON a.id = h.alert_id
    WHERE h.action = 'flapping' AND h.created_at >= $1 AND h.created_at < $2 AND {rows}
    GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT $4
), acknowledged AS (
    SELECT floor(8 * ln(1 + greatest(0, extract(epoch FROM took))))::int AS bin, count(*) AS amount
    FROM began WHERE took IS NOT NULL GROUP BY 1
), resolved AS (
    SELECT floor(8 * ln(1 + greatest(0, extract(epoch FROM resolved_at - occurred_at))))::int AS bin,
           count(*) AS amount
    FROM alerts
    WHERE resolved_at >= $1 AND resolved_at < $2 AND status = 'resolved' AND {rows}
    GROUP BY 1
), totals AS (
    SELECT count(*) AS alerts, coalesce(sum(occurrence_count), 0)::bigint AS reports,
           count(*) FILTER (WHERE correlated_to_id IS NOT NULL AND NOT is_notified) AS suppressed,
           count(DISTINCT correlated_to_id) FILTER (WHERE NOT is_notified) AS causes,
           count(*) FILTER (WHERE is_notified) AS notified
    FROM began
), sent AS (
    SELECT count(*) AS amount
    FROM notification_log WHERE created_at >= $1 AND created_at < $2 AND status = 'sent' AND {notified}
)
SELECT 'severity' AS kind, at, name, amount FROM severities
UNION ALL SELECT 'device', NULL, name, amount FROM devices
UNION ALL SELECT 'type', NULL, name, amount FROM types
UNION ALL SELECT 'flapping', NULL, name, amount FROM flapping
UNION ALL SELECT 'acknowledged', NULL, bin::text, amount FROM acknowledged
UNION ALL SELECT 'resolved', NULL, bin::text, amount FROM resolved
UNION ALL SELECT 'total', NULL, each.name, each.amount
FROM totals, sent, LATERAL (VALUES
    ('alerts', totals.alerts), ('reports', totals.reports), ('suppressed', totals.suppressed),
    ('causes', totals.causes), ('notified', totals.notified), ('sent', sent.amount)
) AS each (name, amount);

-- name: notified
-- Condition on notifications: they were about alerts that meet {rows}.
alert_id IN (SELECT id FROM alerts WHERE {rows})

-- name: days
-- The stored sums of the days from $1 on up to $2, those by severity day by day.
SELECT kind, CASE WHEN kind = 'severity' THEN day::timestamp AT TIME ZONE 'UTC' END AS at, name,
       sum(amount)::bigint AS amount
FROM alert_days
WHERE day >= $1 AND day < $2
GROUP BY 1, 2, 3;

-- name: known_days
-- The days from $1 on of which sums are stored.
SELECT DISTINCT day FROM alert_days WHERE day >= $1;

-- name: replace_day
-- Remove the sums of the day $1, and those before $2.
DELETE FROM alert_days WHERE day = $1 OR day < $2;

-- name: insert_day
-- Store the sums of the day $1: kinds, names, amounts.
INSERT INTO alert_days (day, kind, name, amount)
SELECT $1, * FROM unnest($2::text[], $3::text[], $4::bigint[]);
