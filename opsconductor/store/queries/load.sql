-- name: alerts
-- Every open alert, and those resolved since $1: the engine's alerts at its start.
SELECT {columns}
FROM alerts
WHERE status IN ('active', 'acknowledged', 'suppressed') OR resolved_at >= $1;

-- name: documents
-- State of the engine that belongs to no single alert.
SELECT kind, key, document FROM engine_state;
