-- name: alerts
-- When the oldest closed alert ended.
SELECT min(resolved_at) FROM alerts WHERE status IN ('resolved', 'expired');

-- name: notification_log
-- Time of the oldest notification.
SELECT min(created_at) FROM notification_log;

-- name: audit_log
-- Time of the oldest entry of the audit log.
SELECT min(created_at) FROM audit_log;

-- name: loss_ledger
-- The oldest minute of the loss ledger.
SELECT min(minute) FROM loss_ledger;

-- name: analyses
-- When the oldest analysis ended that still has its rows.
SELECT min(completed_at) FROM analyses WHERE archived_at IS NULL;

-- name: maintenance_reports
-- When the oldest report was made.
SELECT min(generated_time) FROM maintenance_reports;

-- name: state_snapshots
-- When the oldest state of a device was stored.
SELECT min(snapshot_time) FROM state_snapshots;

-- name: dependencies
-- Since when the dependency has been missing that its inventory no longer lists for longest.
SELECT min(missing_since) FROM dependencies;
