-- name: windows
-- The maintenance windows, without those that have long been over.
SELECT id, name, reason, conditions, behind, mode, start_at, end_at, recurring, announce, cut_at,
       created_by, provisioned_from
FROM maintenance_windows
WHERE end_at IS NULL OR end_at > now() - $1::interval
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

-- name: add_window
-- Inserts window $2 for actor $1; nothing if there is one of that name.
INSERT INTO maintenance_windows (name, reason, conditions, behind, mode, start_at, end_at, recurring, announce,
                                 created_by)
SELECT name, reason, conditions, behind, mode, start_at, end_at, nullif(recurring, 'null'), announce,
       left($1, 100)
FROM jsonb_to_record($2::jsonb) AS row (
    name text, reason text, conditions jsonb, behind text, mode text, start_at timestamptz, end_at timestamptz,
    recurring jsonb, announce jsonb)
ON CONFLICT (name) DO NOTHING
RETURNING id;

-- name: end_window
-- Sets the end of window $1 to $2.
UPDATE maintenance_windows SET end_at = $2 WHERE id = $1;

-- name: cut_window
-- Ends the present occurrence of window $1 at $2.
UPDATE maintenance_windows SET cut_at = $2 WHERE id = $1;

-- name: delete_window
-- Deletes window $1.
DELETE FROM maintenance_windows WHERE id = $1 RETURNING name;

-- name: audit_window
-- Records what actor $1 has done ($2) to window $3, with details $4.
INSERT INTO audit_log (actor, action, subject, details) VALUES ($1, $2, $3, $4);
