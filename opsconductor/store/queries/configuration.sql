-- name: mappings
-- Which trap becomes which alert.
SELECT oid_pattern, vendor, alert_type, category, default_severity, title_template, description,
       is_clear_event, clear_oid_pattern, mib_name, mib_object, resource_expression, severity_map,
       is_cutting, expires_after_s
FROM oid_mappings
ORDER BY oid_pattern, vendor NULLS FIRST;

-- name: rules
-- Who is told of which alerts, in order of evaluation.
SELECT id, name, enabled, priority, conditions, channels, throttle_minutes, last_triggered_at
FROM notification_rules
ORDER BY priority, name;

-- name: devices
-- Every device with its further addresses and engine IDs.
SELECT d.id, d.ip_address, d.name, d.device_type, d.manufacturer, d.model, d.site, d.location, d.role,
       d.status, d.tags, d.custom_fields, coalesce(a.addresses, '{}') AS addresses
FROM devices d
LEFT JOIN (
    SELECT device_id, array_agg(address ORDER BY address) AS addresses
    FROM device_addresses
    GROUP BY device_id
) a ON a.device_id = d.id
ORDER BY d.ip_address;

-- name: dependencies
-- Which device needs which.
SELECT device_ip, depends_on_ip, dependency_type, via_resources
FROM dependencies
ORDER BY device_ip, depends_on_ip, dependency_type;

-- name: connectors
-- Every connector, also those that are switched off.
SELECT id, name, type, enabled, config
FROM connectors
ORDER BY name;

-- name: connector_states
-- How every connector is, with the counts of the present day (UTC).
SELECT name, type, enabled, status, error_message, last_poll_at, last_success_at, alerts_received,
    CASE WHEN alerts_today_on = (now() AT TIME ZONE 'UTC')::date THEN alerts_today ELSE 0 END AS alerts_today
FROM connectors
ORDER BY name;

-- name: save_connector_status
-- Note how connector $1 is ($2, $3) at $4 and add $5 to its counts; those of today start anew each day (UTC).
-- It last asked at $6 and last worked at $7, where these are known.
UPDATE connectors
SET status = $2::varchar,
    error_message = $3,
    last_poll_at = COALESCE($6, last_poll_at),
    last_success_at = COALESCE($7, last_success_at),
    alerts_received = alerts_received + $5,
    alerts_today = CASE WHEN alerts_today_on = ($4 AT TIME ZONE 'UTC')::date THEN alerts_today ELSE 0 END + $5,
    alerts_today_on = ($4 AT TIME ZONE 'UTC')::date
WHERE name = $1;
