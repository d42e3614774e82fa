-- name: port_names
-- The names of ports in alerts, latest last: of all open alerts, and of the $1 that closed last.
SELECT coalesce(device_ip, device_name) AS device, resource, port
FROM (
    SELECT device_ip, device_name, resource, custom_fields->>'port' AS port, last_occurrence_at
    FROM alerts
    WHERE status IN ('active', 'acknowledged', 'suppressed')
    UNION ALL
    SELECT device_ip, device_name, resource, port, last_occurrence_at
    FROM (
        SELECT device_ip, device_name, resource, custom_fields->>'port' AS port, last_occurrence_at
        FROM alerts
        WHERE status IN ('resolved', 'expired') AND resolved_at IS NOT NULL
        ORDER BY resolved_at DESC
        LIMIT $1
    ) AS closed
) AS known
WHERE resource LIKE 'ifIndex=%' AND port <> '' AND (device_ip IS NOT NULL OR device_name IS NOT NULL)
ORDER BY last_occurrence_at;
