-- name: lock
-- Wait until every transaction that has been checked against the present epoch has ended; see check_daemon_epoch.
SELECT pg_advisory_xact_lock(8101810201);

-- name: take
-- Begin a new epoch.
UPDATE daemon_epoch SET epoch = epoch + 1, sessions_from = 0, taken_at = now() RETURNING epoch;

-- name: set
-- Epoch and number of a session.
SELECT set_config('opsconductor.epoch', $1, false), set_config('opsconductor.session', $2, false);

-- name: limit
-- Others wait behind a lock that waits.
SET LOCAL lock_timeout = '3s';

-- name: give_up
-- Give up all sessions with smaller numbers.
UPDATE daemon_epoch SET sessions_from = $1 WHERE epoch = $2;

-- name: read
-- The present epoch.
SELECT epoch FROM daemon_epoch;
