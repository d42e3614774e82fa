-- name: alerts
-- Every open alert, and those resolved since $1: what the engine must remember.
SELECT {columns}
FROM alerts
WHERE status IN ('active', 'acknowledged', 'suppressed') OR resolved_at >= $1;
