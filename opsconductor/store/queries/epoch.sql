-- name: lock
-- Wait until every transaction that has been checked against the present epoch has ended; see check_daemon_epoch.
SELECT pg_advisory_xact_lock(8101810201);

-- name: take
-- Begin a new epoch.
UPDATE daemon_epoch SET epoch = epoch + 1, taken_at = now() RETURNING epoch;

-- name: read
-- The present epoch.
SELECT epoch FROM daemon_epoch;
