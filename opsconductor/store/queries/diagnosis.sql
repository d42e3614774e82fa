-- name: server
-- The status of the server.
SELECT current_setting('server_version') AS version,
       pg_database_size(current_database()) AS bytes,
       clock_timestamp() AS at,
       pg_is_in_recovery() AS is_read_only,
       current_setting('max_connections')::int AS most_connections,
       (SELECT count(*)::int FROM pg_stat_activity WHERE backend_type = 'client backend') AS connections;

-- name: archiving
-- The state of the archiver of WAL.
SELECT current_setting('archive_mode') <> 'off' AS is_on, last_archived_time AS archived_at,
       last_failed_time AS failed_at
FROM pg_stat_archiver;

-- name: unmapped
-- The most frequent traps without a mapping since $1.
SELECT split_part(resource, ' ', 1) AS oid, sum(occurrence_count)::bigint AS amount,
       count(DISTINCT device_ip)::int AS devices
FROM alerts
WHERE category = 'unknown' AND alert_type = 'unknown_trap' AND last_occurrence_at > $1
GROUP BY split_part(resource, ' ', 1)
ORDER BY amount DESC, oid
LIMIT 5;

-- name: given_up
-- Notifications given up since $1, by channel, with the latest reason; $2 is no fault.
SELECT channel, count(*)::int AS amount, (array_agg(error_message ORDER BY created_at DESC))[1] AS error
FROM notification_log
WHERE status = 'failed' AND created_at > $1 AND error_message IS DISTINCT FROM $2
GROUP BY channel
ORDER BY channel;

-- name: overdue
-- Channels for which notifications have been waiting since before $1.
SELECT channel, count(*)::int AS amount, min(created_at) AS oldest_at
FROM notification_outbox
GROUP BY channel
HAVING min(created_at) < $1
ORDER BY channel;
