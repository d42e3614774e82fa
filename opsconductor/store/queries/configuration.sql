-- name: mappings
-- The trap mappings.
SELECT oid_pattern, vendor, alert_type, category, default_severity, title_template, description,
       is_clear_event, clear_oid_pattern, mib_name, mib_object, resource_expression, severity_map,
       is_cutting, expires_after_s, conditions, cases, clear_conditions, more_resources, origin
FROM oid_mappings
ORDER BY oid_pattern, vendor NULLS FIRST, conditions, origin;

-- name: rules
-- The notification rules, in order of evaluation.
SELECT id, name, enabled, priority, stop, conditions, channels, throttle_minutes, group_by, group_wait,
       group_interval, repeat_interval, digest, last_triggered_at, changed_at
FROM notification_rules
ORDER BY priority, name;

-- name: devices
-- Every device that is not retired, with its further addresses and engine IDs. Where nothing was entered manually,
-- what an inventory has found counts.
SELECT d.id, d.ip_address, d.name, d.names,
       coalesce(d.device_type, d.found->>'device_type') AS device_type,
       coalesce(d.manufacturer, d.found->>'manufacturer') AS manufacturer,
       coalesce(d.model, d.found->>'model') AS model,
       coalesce(d.site, d.found->>'site') AS site,
       coalesce(d.location, d.found->>'location') AS location,
       coalesce(d.role, d.found->>'role') AS role,
       coalesce(d.status, d.found->>'status') AS status,
       CASE WHEN d.tags = '{}' AND d.found ? 'tags'
            THEN ARRAY(SELECT jsonb_array_elements_text(d.found->'tags')) ELSE d.tags END AS tags,
       nullif(coalesce(d.found->'custom_fields', '{}') || d.custom_fields, '{}') AS custom_fields,
       coalesce(a.addresses, '{}') AS addresses
FROM devices d
LEFT JOIN (
    SELECT device_id, array_agg(address ORDER BY address) AS addresses
    FROM device_addresses
    GROUP BY device_id
) a ON a.device_id = d.id
WHERE d.retired_at IS NULL
ORDER BY d.key;

-- name: dependencies
-- The dependencies.
SELECT device_ip, depends_on_ip, dependency_type, via_resources, confidence::float8 AS confidence,
       missing_since
FROM dependencies
ORDER BY device_ip, depends_on_ip, dependency_type;

-- name: connectors
-- Every connector, disabled ones included.
SELECT id, name, type, enabled, config
FROM connectors
ORDER BY name;

-- name: connector_states
-- The status of every connector, with the counts of the present day (UTC).
SELECT name, type, enabled, status, error_message, last_poll_at, last_success_at, alerts_received,
    CASE WHEN alerts_today_on = (now() AT TIME ZONE 'UTC')::date THEN alerts_today ELSE 0 END AS alerts_today
FROM connectors
ORDER BY name;

-- name: save_connector_status
-- Store the status of connector $1 ($2, $3) at $4 and add $5 to its counts; those of today restart each day (UTC).
-- Its last poll began at $6 and its last success was at $7, where these are known.
UPDATE connectors
SET status = $2::varchar,
    error_message = $3,
    last_poll_at = COALESCE($6, last_poll_at),
    last_success_at = COALESCE($7, last_success_at),
    alerts_received = alerts_received + $5,
    alerts_today = CASE WHEN alerts_today_on = ($4 AT TIME ZONE 'UTC')::date THEN alerts_today ELSE 0 END + $5,
    alerts_today_on = ($4 AT TIME ZONE 'UTC')::date
WHERE name = $1;
