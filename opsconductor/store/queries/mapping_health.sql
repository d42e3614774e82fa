-- name: alerts_of
-- The open alerts of devices $1, and the latest that has ended of each of their alert types since $2; up to
-- $3 of each device.
SELECT device, alert_type, resource, is_open, occurred_at, resolved_at, resolved_by, title
FROM (
    SELECT coalesce(device_ip, device_name) AS device, alert_type, resource,
           status IN ('active', 'acknowledged', 'suppressed') AS is_open, occurred_at, resolved_at,
           status AS resolved_by, title,
           row_number() OVER (
               PARTITION BY coalesce(device_ip, device_name)
               ORDER BY status IN ('active', 'acknowledged', 'suppressed') DESC, last_occurrence_at DESC
           ) AS position
    FROM alerts
    WHERE coalesce(device_ip, device_name) = ANY ($1::text[])
      AND (status IN ('active', 'acknowledged', 'suppressed') OR last_occurrence_at > $2)
) found
WHERE position <= $3
ORDER BY device, position;

-- name: lasting
-- Open alerts of connectors $1 that began before $2, most severe and oldest first, up to $3.
SELECT coalesce(device_ip, device_name) AS device, alert_type, resource, severity, title, occurred_at,
       last_occurrence_at, occurrence_count, raw_data ->> 'trap_oid' AS trap_oid
FROM alerts
WHERE status IN ('active', 'acknowledged', 'suppressed') AND occurred_at < $2
  AND source_system = ANY ($1::text[])
ORDER BY occurred_at
LIMIT $3;

-- name: split
-- Devices and alert types of which since $1 at least $2 resources were reported that hardly ever came again
-- and that no clear has ended; most alerts first, up to $3.
SELECT coalesce(device_ip, device_name) AS device, alert_type, count(*)::int AS alerts
FROM alerts
WHERE occurred_at > $1
GROUP BY coalesce(device_ip, device_name), alert_type
HAVING count(DISTINCT resource) >= $2 AND sum(occurrence_count) <= 3 * count(*)
   AND count(*) FILTER (WHERE status = 'resolved') * 10 <= count(*)
ORDER BY alerts DESC, device, alert_type
LIMIT $3;

-- name: unmapped
-- Traps that no mapping knew since $1, of connectors $2, most frequent first, up to $3.
SELECT split_part(resource, ' ', 1) AS trap_oid, sum(occurrence_count)::bigint AS amount,
       count(DISTINCT coalesce(device_ip, device_name))::int AS devices,
       (array_agg(DISTINCT coalesce(device_ip, device_name)))[1:5] AS some_devices,
       max(last_occurrence_at) AS last_at, (array_agg(title ORDER BY last_occurrence_at DESC))[1] AS title
FROM alerts
WHERE category = 'unknown' AND alert_type = 'unknown_trap' AND last_occurrence_at > $1
  AND source_system = ANY ($2::text[])
GROUP BY split_part(resource, ' ', 1)
ORDER BY amount DESC, trap_oid
LIMIT $3;
