-- name: windows
-- The maintenance windows, without those that have long been over.
SELECT id, name, reason, conditions, behind, mode, start_at, end_at, recurring, announce, cut_at,
       created_by, provisioned_from
FROM maintenance_windows
WHERE least(end_at, CASE WHEN recurring IS NULL THEN cut_at END) IS NULL
   OR least(end_at, CASE WHEN recurring IS NULL THEN cut_at END) > now() - $1::interval
ORDER BY start_at, name;

-- name: window
-- One maintenance window.
SELECT id, name, reason, conditions, behind, mode, start_at, end_at, recurring, announce, cut_at,
       created_by, provisioned_from
FROM maintenance_windows
WHERE id = $1;

-- name: muted
-- Numbers of open alerts that are muted, of those held back, and of critical ones among these.
SELECT count(*) AS alerts,
       count(*) FILTER (WHERE muted_kind <> '') AS held,
       count(*) FILTER (WHERE muted_kind <> '' AND severity = 'critical') AS critical
FROM alerts
WHERE status IN ('active', 'acknowledged', 'suppressed') AND muted_by IS NOT NULL;

-- name: named_window
-- The maintenance window of a name.
SELECT id, name, reason, conditions, behind, mode, start_at, end_at, recurring, announce, cut_at,
       created_by, provisioned_from
FROM maintenance_windows
WHERE name = $1;

-- name: cut_window
-- Ends window $1, or its present occurrence, at $2; null: it lasts as planned.
UPDATE maintenance_windows SET cut_at = $2 WHERE id = $1;
