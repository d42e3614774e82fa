-- name: lock
-- Serializes applications of files; others wait for the end of the transaction.
SELECT pg_advisory_xact_lock(7031);

-- name: read_connectors
-- What files may declare of connectors.
SELECT id, name, type, enabled, config, provisioned_from FROM connectors ORDER BY name;

-- name: read_oid_mappings
-- What files may declare of mappings.
SELECT id, oid_pattern, vendor, alert_type, category, default_severity, title_template, description,
       is_clear_event, clear_oid_pattern, mib_name, mib_object, notes, resource_expression,
       severity_map, is_cutting, expires_after_s, conditions, cases, clear_conditions, more_resources,
       provisioned_from
FROM oid_mappings
WHERE origin = 'own'
ORDER BY oid_pattern, vendor NULLS FIRST, conditions;

-- name: read_devices
-- What files may declare of devices, with their further addresses; of manually created ones without those found.
SELECT id, ip_address, name,
       ARRAY(SELECT address FROM device_addresses AS a
             WHERE a.device_id = devices.id AND (devices.auto_discovered OR NOT a.auto_discovered)) AS addresses,
       device_type, manufacturer, model, site, location, role, status, tags, custom_fields,
       provisioned_from, auto_discovered
FROM devices
WHERE retired_at IS NULL
ORDER BY key;

-- name: read_dependencies
-- What files may declare of dependencies.
SELECT id, device_ip, depends_on_ip, dependency_type, via_resources, description,
       confidence::float8 AS confidence, provisioned_from, auto_discovered
FROM dependencies
ORDER BY device_ip, depends_on_ip, dependency_type;

-- name: read_notification_rules
-- What files may declare of rules.
SELECT id, name, description, enabled, priority, stop, conditions, channels, throttle_minutes,
       group_by, group_wait, group_interval, repeat_interval, digest, provisioned_from
FROM notification_rules
ORDER BY priority, name;

-- name: read_maintenance_windows
-- What files may declare of maintenance windows.
SELECT id, name, reason, conditions, behind, mode, start_at, end_at, recurring, announce, provisioned_from
FROM maintenance_windows
ORDER BY start_at, name;

-- name: read_alert_rules
-- What files may declare of rules over measured values.
SELECT id, name, description, enabled, scope, metric, resource, expression, direction, warning, critical,
       hysteresis, samples, category, alert_type, hold_back, provisioned_from
FROM alert_rules
ORDER BY name;

-- name: read_machine_configurations
-- What files may declare of types of machines.
SELECT id, machine_type, description, enabled, baselines, operational_pattern, thresholds, provisioned_from
FROM machine_configurations
ORDER BY machine_type;

-- name: read_people
-- What files may declare of people.
SELECT id, username AS name, display_name, time_zone, enabled, contact_methods, provisioned_from
FROM users
ORDER BY username;

-- name: read_teams
-- What files may declare of teams.
SELECT id, name, description, members, provisioned_from FROM teams ORDER BY name;

-- name: read_schedules
-- What files may declare of schedules; overrides are entered beside.
SELECT id, name, description, time_zone, layers, provisioned_from FROM schedules ORDER BY name;

-- name: read_escalation_policies
-- What files may declare of escalation policies.
SELECT id, name, description, steps, repeat, repeat_after, acknowledgement_expires, provisioned_from
FROM escalation_policies
ORDER BY name;

-- name: write_connectors
-- Inserts or updates declared connectors; their state and counters stay.
INSERT INTO connectors (name, type, enabled, config, provisioned_from)
SELECT name, type, enabled, config, provisioned_from
FROM jsonb_to_recordset($1::jsonb) AS row (
    name text, type text, enabled boolean, config jsonb, provisioned_from text)
ON CONFLICT (name) DO UPDATE SET
    type = EXCLUDED.type, enabled = EXCLUDED.enabled, config = EXCLUDED.config,
    provisioned_from = EXCLUDED.provisioned_from;

-- name: write_oid_mappings
-- Inserts or updates declared mappings.
INSERT INTO oid_mappings (
    oid_pattern, vendor, alert_type, category, default_severity, title_template, description,
    is_clear_event, clear_oid_pattern, mib_name, mib_object, notes, resource_expression,
    severity_map, is_cutting, expires_after_s, conditions, cases, clear_conditions, more_resources,
    provisioned_from)
SELECT oid_pattern, vendor, alert_type, category, default_severity, title_template, description,
       is_clear_event, clear_oid_pattern, mib_name, mib_object, notes, resource_expression,
       nullif(severity_map, 'null'), is_cutting, expires_after_s, conditions, cases, clear_conditions,
       more_resources, provisioned_from
FROM jsonb_to_recordset($1::jsonb) AS row (
    oid_pattern text, vendor text, alert_type text, category text, default_severity text,
    title_template text, description text, is_clear_event boolean, clear_oid_pattern text,
    mib_name text, mib_object text, notes text, resource_expression text, severity_map jsonb,
    is_cutting boolean, expires_after_s integer, conditions jsonb, cases jsonb, clear_conditions jsonb,
    more_resources text[], provisioned_from text)
ON CONFLICT (oid_pattern, vendor, conditions, origin) DO UPDATE SET
    alert_type = EXCLUDED.alert_type, category = EXCLUDED.category,
    default_severity = EXCLUDED.default_severity, title_template = EXCLUDED.title_template,
    description = EXCLUDED.description, is_clear_event = EXCLUDED.is_clear_event,
    clear_oid_pattern = EXCLUDED.clear_oid_pattern, mib_name = EXCLUDED.mib_name,
    mib_object = EXCLUDED.mib_object, notes = EXCLUDED.notes,
    resource_expression = EXCLUDED.resource_expression, severity_map = EXCLUDED.severity_map,
    is_cutting = EXCLUDED.is_cutting, expires_after_s = EXCLUDED.expires_after_s,
    cases = EXCLUDED.cases, clear_conditions = EXCLUDED.clear_conditions,
    more_resources = EXCLUDED.more_resources, provisioned_from = EXCLUDED.provisioned_from;

-- name: has_oid_mapping
-- Whether the operator has a mapping of pattern $1 for vendor $2 with conditions $3.
SELECT EXISTS (SELECT FROM oid_mappings
               WHERE oid_pattern = $1 AND vendor IS NOT DISTINCT FROM $2 AND conditions = $3::jsonb
                 AND origin = 'own');

-- name: write_devices
-- Inserts or updates declared devices; values found by an inventory stay where nothing is declared.
INSERT INTO devices (
    ip_address, name, device_type, manufacturer, model, site, location, role, status, tags,
    custom_fields, provisioned_from)
SELECT ip_address, name, device_type, manufacturer, model, site, location, role, status, tags,
       custom_fields, provisioned_from
FROM jsonb_to_recordset($1::jsonb) AS row (
    ip_address text, name text, device_type text, manufacturer text, model text, site text,
    location text, role text, status text, tags text[], custom_fields jsonb, provisioned_from text)
ON CONFLICT (key) WHERE retired_at IS NULL DO UPDATE SET
    found = CASE WHEN NOT devices.auto_discovered THEN devices.found ELSE jsonb_strip_nulls(
        jsonb_build_object(
            'device_type', devices.device_type, 'manufacturer', devices.manufacturer,
            'model', devices.model, 'site', devices.site, 'location', devices.location,
            'role', devices.role, 'status', devices.status, 'tags', devices.tags,
            'custom_fields', devices.custom_fields)) END,
    auto_discovered = false,
    name = EXCLUDED.name, device_type = EXCLUDED.device_type, manufacturer = EXCLUDED.manufacturer,
    model = EXCLUDED.model, site = EXCLUDED.site, location = EXCLUDED.location,
    role = EXCLUDED.role, status = EXCLUDED.status, tags = EXCLUDED.tags,
    custom_fields = EXCLUDED.custom_fields, provisioned_from = EXCLUDED.provisioned_from;

-- name: clear_addresses
-- Deletes manually entered further addresses of devices, before the declared ones are written.
DELETE FROM device_addresses
USING jsonb_to_recordset($1::jsonb) AS row (ip_address text, name text), devices
WHERE devices.key = coalesce(row.ip_address, row.name) AND devices.retired_at IS NULL
  AND device_addresses.device_id = devices.id AND NOT device_addresses.auto_discovered;

-- name: write_addresses
-- Inserts further addresses of devices, also those that an inventory has found elsewhere; text without
-- dot and colon is an engine ID.
INSERT INTO device_addresses (address, kind, device_id)
SELECT address, CASE WHEN address ~ '[.:]' THEN 'ip' ELSE 'engine_id' END, devices.id
FROM jsonb_to_recordset($1::jsonb) AS row (ip_address text, name text, addresses text[])
JOIN devices ON devices.key = coalesce(row.ip_address, row.name)
CROSS JOIN unnest(addresses) AS address
WHERE devices.retired_at IS NULL
ON CONFLICT (address) DO UPDATE SET
    kind = EXCLUDED.kind, device_id = EXCLUDED.device_id, auto_discovered = false, missing_since = NULL
WHERE device_addresses.auto_discovered;

-- name: write_dependencies
-- Inserts or updates declared dependencies, which no inventory owns any more.
INSERT INTO dependencies (
    device_ip, depends_on_ip, dependency_type, via_resources, description, confidence,
    provisioned_from)
SELECT device_ip, depends_on_ip, dependency_type, via_resources, description, confidence,
       provisioned_from
FROM jsonb_to_recordset($1::jsonb) AS row (
    device_ip text, depends_on_ip text, dependency_type text, via_resources text[],
    description text, confidence numeric, provisioned_from text)
ON CONFLICT (device_ip, depends_on_ip, dependency_type) DO UPDATE SET
    via_resources = EXCLUDED.via_resources, description = EXCLUDED.description,
    confidence = EXCLUDED.confidence, auto_discovered = false, missing_since = NULL,
    provisioned_from = EXCLUDED.provisioned_from;

-- name: write_notification_rules
-- Inserts or updates declared rules; the time they last fired stays.
INSERT INTO notification_rules (
    name, description, enabled, priority, stop, conditions, channels, throttle_minutes,
    group_by, group_wait, group_interval, repeat_interval, digest, provisioned_from)
SELECT name, description, enabled, priority, stop, conditions, channels, throttle_minutes,
       group_by, group_wait, group_interval, repeat_interval, digest, provisioned_from
FROM jsonb_to_recordset($1::jsonb) AS row (
    name text, description text, enabled boolean, priority integer, stop boolean, conditions jsonb,
    channels jsonb, throttle_minutes integer, group_by jsonb, group_wait text, group_interval text,
    repeat_interval text, digest jsonb, provisioned_from text)
ON CONFLICT (name) DO UPDATE SET
    description = EXCLUDED.description, enabled = EXCLUDED.enabled, priority = EXCLUDED.priority,
    stop = EXCLUDED.stop, conditions = EXCLUDED.conditions, channels = EXCLUDED.channels,
    throttle_minutes = EXCLUDED.throttle_minutes, group_by = EXCLUDED.group_by,
    group_wait = EXCLUDED.group_wait, group_interval = EXCLUDED.group_interval,
    repeat_interval = EXCLUDED.repeat_interval, digest = EXCLUDED.digest,
    provisioned_from = EXCLUDED.provisioned_from;

-- name: write_maintenance_windows
-- Inserts or updates declared maintenance windows; a new one of the database has its author.
INSERT INTO maintenance_windows (
    name, reason, conditions, behind, mode, start_at, end_at, recurring, announce, provisioned_from, created_by)
SELECT name, reason, conditions, behind, mode, start_at, end_at, nullif(recurring, 'null'), announce,
       provisioned_from, CASE WHEN provisioned_from IS NULL THEN left(written_by, 100) END
FROM jsonb_to_recordset($1::jsonb) AS row (
    name text, reason text, conditions jsonb, behind text, mode text, start_at timestamptz,
    end_at timestamptz, recurring jsonb, announce jsonb, provisioned_from text, written_by text)
ON CONFLICT (name) DO UPDATE SET
    reason = EXCLUDED.reason, conditions = EXCLUDED.conditions, behind = EXCLUDED.behind,
    mode = EXCLUDED.mode, start_at = EXCLUDED.start_at, end_at = EXCLUDED.end_at,
    recurring = EXCLUDED.recurring, announce = EXCLUDED.announce,
    provisioned_from = EXCLUDED.provisioned_from;

-- name: write_alert_rules
-- Inserts or updates declared rules over measured values.
INSERT INTO alert_rules (
    name, description, enabled, scope, metric, resource, expression, direction, warning, critical, hysteresis,
    samples, category, alert_type, hold_back, provisioned_from)
SELECT name, description, enabled, scope, metric, resource, expression, direction, warning, critical, hysteresis,
       samples, category, alert_type, hold_back, provisioned_from
FROM jsonb_to_recordset($1::jsonb) AS row (
    name text, description text, enabled boolean, scope jsonb, metric text, resource text, expression text,
    direction text, warning float8, critical float8, hysteresis float8, samples integer, category text,
    alert_type text, hold_back boolean, provisioned_from text)
ON CONFLICT (name) DO UPDATE SET
    description = EXCLUDED.description, enabled = EXCLUDED.enabled, scope = EXCLUDED.scope,
    metric = EXCLUDED.metric, resource = EXCLUDED.resource, expression = EXCLUDED.expression,
    direction = EXCLUDED.direction, warning = EXCLUDED.warning, critical = EXCLUDED.critical,
    hysteresis = EXCLUDED.hysteresis, samples = EXCLUDED.samples, category = EXCLUDED.category,
    alert_type = EXCLUDED.alert_type, hold_back = EXCLUDED.hold_back,
    provisioned_from = EXCLUDED.provisioned_from;

-- name: write_machine_configurations
-- Inserts or updates declared types of machines.
INSERT INTO machine_configurations (
    machine_type, description, enabled, baselines, operational_pattern, thresholds, provisioned_from)
SELECT machine_type, description, enabled, baselines, operational_pattern, thresholds, provisioned_from
FROM jsonb_to_recordset($1::jsonb) AS row (
    machine_type text, description text, enabled boolean, baselines jsonb, operational_pattern jsonb,
    thresholds jsonb, provisioned_from text)
ON CONFLICT (machine_type) DO UPDATE SET
    description = EXCLUDED.description, enabled = EXCLUDED.enabled, baselines = EXCLUDED.baselines,
    operational_pattern = EXCLUDED.operational_pattern, thresholds = EXCLUDED.thresholds,
    provisioned_from = EXCLUDED.provisioned_from;

-- name: write_people
-- Inserts or updates declared people; passwords and roles stay.
INSERT INTO users (username, display_name, time_zone, enabled, contact_methods, provisioned_from)
SELECT name, display_name, time_zone, enabled, contact_methods, provisioned_from
FROM jsonb_to_recordset($1::jsonb) AS row (
    name text, display_name text, time_zone text, enabled boolean, contact_methods jsonb, provisioned_from text)
ON CONFLICT (username) DO UPDATE SET
    display_name = EXCLUDED.display_name, time_zone = EXCLUDED.time_zone, enabled = EXCLUDED.enabled,
    contact_methods = EXCLUDED.contact_methods, provisioned_from = EXCLUDED.provisioned_from;

-- name: write_teams
-- Inserts or updates declared teams.
INSERT INTO teams (name, description, members, provisioned_from)
SELECT name, description, members, provisioned_from
FROM jsonb_to_recordset($1::jsonb) AS row (
    name text, description text, members jsonb, provisioned_from text)
ON CONFLICT (name) DO UPDATE SET
    description = EXCLUDED.description, members = EXCLUDED.members,
    provisioned_from = EXCLUDED.provisioned_from;

-- name: write_schedules
-- Inserts or updates declared schedules; overrides stay.
INSERT INTO schedules (name, description, time_zone, layers, provisioned_from)
SELECT name, description, time_zone, layers, provisioned_from
FROM jsonb_to_recordset($1::jsonb) AS row (
    name text, description text, time_zone text, layers jsonb, provisioned_from text)
ON CONFLICT (name) DO UPDATE SET
    description = EXCLUDED.description, time_zone = EXCLUDED.time_zone, layers = EXCLUDED.layers,
    provisioned_from = EXCLUDED.provisioned_from;

-- name: write_escalation_policies
-- Inserts or updates declared policies.
INSERT INTO escalation_policies (
    name, description, steps, repeat, repeat_after, acknowledgement_expires, provisioned_from)
SELECT name, description, steps, repeat, repeat_after, acknowledgement_expires, provisioned_from
FROM jsonb_to_recordset($1::jsonb) AS row (
    name text, description text, steps jsonb, repeat integer, repeat_after text,
    acknowledgement_expires text, provisioned_from text)
ON CONFLICT (name) DO UPDATE SET
    description = EXCLUDED.description, steps = EXCLUDED.steps, repeat = EXCLUDED.repeat,
    repeat_after = EXCLUDED.repeat_after, acknowledgement_expires = EXCLUDED.acknowledgement_expires,
    provisioned_from = EXCLUDED.provisioned_from;

-- name: delete_connectors
-- Deletes connectors.
DELETE FROM connectors
USING jsonb_to_recordset($1::jsonb) AS row (name text)
WHERE connectors.name = row.name;

-- name: delete_oid_mappings
-- Deletes mappings.
DELETE FROM oid_mappings
USING jsonb_to_recordset($1::jsonb) AS row (oid_pattern text, vendor text, conditions jsonb)
WHERE oid_mappings.oid_pattern = row.oid_pattern
  AND oid_mappings.vendor IS NOT DISTINCT FROM row.vendor
  AND oid_mappings.conditions = row.conditions AND oid_mappings.origin = 'own';

-- name: delete_devices
-- Deletes devices and, by cascade, their further addresses.
DELETE FROM devices
USING jsonb_to_recordset($1::jsonb) AS row (ip_address text, name text)
WHERE devices.key = coalesce(row.ip_address, row.name) AND devices.retired_at IS NULL;

-- name: delete_dependencies
-- Deletes dependencies.
DELETE FROM dependencies
USING jsonb_to_recordset($1::jsonb) AS row (device_ip text, depends_on_ip text, dependency_type text)
WHERE dependencies.device_ip = row.device_ip AND dependencies.depends_on_ip = row.depends_on_ip
  AND dependencies.dependency_type = row.dependency_type;

-- name: delete_notification_rules
-- Deletes rules; their notifications stay in the log.
DELETE FROM notification_rules
USING jsonb_to_recordset($1::jsonb) AS row (name text)
WHERE notification_rules.name = row.name;

-- name: delete_maintenance_windows
-- Deletes maintenance windows; alerts that they mute are released.
DELETE FROM maintenance_windows
USING jsonb_to_recordset($1::jsonb) AS row (name text)
WHERE maintenance_windows.name = row.name;

-- name: delete_alert_rules
-- Deletes rules over measured values; what they have found ends.
DELETE FROM alert_rules
USING jsonb_to_recordset($1::jsonb) AS row (name text)
WHERE alert_rules.name = row.name;

-- name: delete_machine_configurations
-- Deletes types of machines; what their limits have found ends.
DELETE FROM machine_configurations
USING jsonb_to_recordset($1::jsonb) AS row (machine_type text)
WHERE machine_configurations.machine_type = row.machine_type;

-- name: delete_people
-- Deletes people, and their overrides of schedules.
DELETE FROM users
USING jsonb_to_recordset($1::jsonb) AS row (name text)
WHERE users.username = row.name;

-- name: delete_teams
-- Deletes teams.
DELETE FROM teams
USING jsonb_to_recordset($1::jsonb) AS row (name text)
WHERE teams.name = row.name;

-- name: delete_schedules
-- Deletes schedules with their overrides.
DELETE FROM schedules
USING jsonb_to_recordset($1::jsonb) AS row (name text)
WHERE schedules.name = row.name;

-- name: delete_escalation_policies
-- Deletes policies.
DELETE FROM escalation_policies
USING jsonb_to_recordset($1::jsonb) AS row (name text)
WHERE escalation_policies.name = row.name;

-- name: read_taken_over
-- The rows that people have taken over from files.
SELECT table_name, key, origin, taken_by, taken_at FROM taken_over ORDER BY table_name, taken_at;

-- name: read_origins_taken_over
-- Keys of table $1 among $2 that were taken over, with the file.
SELECT taken_over.key, origin
FROM taken_over
JOIN jsonb_array_elements($2::jsonb) AS wanted (key)
  ON md5(taken_over.key::text) = md5(wanted.key::text) AND taken_over.key = wanted.key
WHERE table_name = $1;

-- name: write_taken_over
-- Keeps that $2 has taken rows over from files.
INSERT INTO taken_over (table_name, key, origin, taken_by)
SELECT table_name, key, origin, $2
FROM jsonb_to_recordset($1::jsonb) AS row (table_name text, key jsonb, origin text)
ON CONFLICT (table_name, md5(key::text)) DO UPDATE SET
    origin = EXCLUDED.origin, taken_by = EXCLUDED.taken_by, taken_at = EXCLUDED.taken_at;

-- name: delete_taken_over
-- Forgets that rows were taken over.
DELETE FROM taken_over
USING jsonb_to_recordset($1::jsonb) AS row (table_name text, key jsonb)
WHERE taken_over.table_name = row.table_name AND taken_over.key = row.key;

-- name: audit_confirmation
-- Records who has confirmed mapping $2, from where ($3), and what it is ($4).
INSERT INTO audit_log (actor, action, subject, remote_ip, details) VALUES ($1, 'mapping.confirm', $2, $3, $4);
