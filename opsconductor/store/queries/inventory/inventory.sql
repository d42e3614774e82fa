-- name: lock
-- Serializes changes of the inventory, by files as well; as in provisioned.sql.
SELECT pg_advisory_xact_lock(7031);

-- name: devices
-- Every device with the columns that inventories write. What a removed connector has found counts as
-- found by $1, under an unknown id.
SELECT d.id, d.ip_address, d.name, d.names, d.auto_discovered,
       CASE WHEN d.found_by IS NOT NULL AND c.name IS NULL THEN $1 ELSE d.found_by END AS found_by,
       CASE WHEN d.found_by = $1 OR c.name IS NOT NULL THEN d.netbox_id END AS external_id,
       d.netbox_url AS url, d.device_type, d.manufacturer, d.model, d.site, d.location, d.role, d.status,
       d.tags, nullif(d.custom_fields, '{}') AS custom_fields, nullif(d.found, '{}') AS found, d.retired_at
FROM devices d
LEFT JOIN connectors c ON c.name = d.found_by
ORDER BY d.retired_at, d.key;

-- name: addresses
-- Every further address.
SELECT address, device_id, auto_discovered, missing_since FROM device_addresses;

-- name: dependencies
-- Every dependency; one that a removed connector has found is $1's as well.
SELECT d.id, d.device_ip, d.depends_on_ip, d.dependency_type, d.via_resources, d.description,
       d.confidence::float8 AS confidence, d.auto_discovered, d.created_by,
       d.auto_discovered AND (d.created_by = $1 OR c.name IS NULL) AS is_mine,
       d.provisioned_from IS NOT NULL AS is_declared, d.missing_since
FROM dependencies d
LEFT JOIN connectors c ON c.name = d.created_by;

-- name: rules
-- The rules by which the inventory of connector $1 in force has derived its dependencies.
SELECT rules FROM inventory_syncs WHERE connector = $1;

-- name: retire_devices
-- Retire devices ($1) missing in their inventory since $3; they lose their addresses, and if $2 is set also
-- the id by which they are recognized.
WITH freed AS (DELETE FROM device_addresses WHERE device_id = ANY ($1::uuid[]))
UPDATE devices SET retired_at = coalesce(retired_at, $3), netbox_id = row.external_id
FROM unnest($1::uuid[], $2::bigint[]) AS row (id, external_id)
WHERE devices.id = row.id;

-- name: park_devices
-- Removes the keys of devices that get another one, so that two may swap theirs.
UPDATE devices SET ip_address = id::text WHERE id = ANY ($1::uuid[]);

-- name: write_devices
-- Inserts or updates devices.
INSERT INTO devices AS d (
    id, ip_address, name, names, auto_discovered, found_by, netbox_id, netbox_url, device_type, manufacturer,
    model, site, location, role, status, tags, custom_fields, found, retired_at, last_synced_at)
SELECT id, ip_address, name, names, auto_discovered, found_by, external_id, url, device_type, manufacturer,
       model, site, location, role, status, tags, custom_fields, found, NULL, $2
FROM jsonb_to_recordset($1::jsonb) AS row (
    id uuid, ip_address text, name text, names text[], auto_discovered boolean, found_by text, external_id bigint,
    url text, device_type text, manufacturer text, model text, site text, location text, role text,
    status text, tags text[], custom_fields jsonb, found jsonb)
ON CONFLICT (id) DO UPDATE SET
    ip_address = EXCLUDED.ip_address, name = EXCLUDED.name, names = EXCLUDED.names, auto_discovered = EXCLUDED.auto_discovered,
    found_by = EXCLUDED.found_by, netbox_id = EXCLUDED.netbox_id, netbox_url = EXCLUDED.netbox_url,
    device_type = EXCLUDED.device_type, manufacturer = EXCLUDED.manufacturer, model = EXCLUDED.model,
    site = EXCLUDED.site, location = EXCLUDED.location, role = EXCLUDED.role, status = EXCLUDED.status,
    tags = EXCLUDED.tags, custom_fields = EXCLUDED.custom_fields, found = EXCLUDED.found,
    retired_at = NULL, last_synced_at = EXCLUDED.last_synced_at;

-- name: delete_addresses
-- Deletes further addresses.
DELETE FROM device_addresses WHERE address = ANY ($1::text[]);

-- name: write_addresses
-- Inserts further addresses that an inventory has found.
INSERT INTO device_addresses (address, device_id, missing_since, auto_discovered)
SELECT address, device_id, missing_since, true
FROM unnest($1::text[], $2::uuid[], $3::timestamptz[]) AS row (address, device_id, missing_since)
ON CONFLICT (address) DO UPDATE SET
    device_id = EXCLUDED.device_id, missing_since = EXCLUDED.missing_since, auto_discovered = true;

-- name: delete_dependencies
-- Deletes dependencies.
DELETE FROM dependencies WHERE id = ANY ($1::uuid[]);

-- name: park_dependencies
-- Removes an end of dependencies that get another one, so that two may swap theirs.
UPDATE dependencies SET device_ip = id::text WHERE id = ANY ($1::uuid[]);

-- name: write_dependencies
-- Inserts or updates dependencies.
INSERT INTO dependencies (
    id, device_ip, depends_on_ip, dependency_type, via_resources, description, confidence,
    auto_discovered, created_by, missing_since)
SELECT id, device_ip, depends_on_ip, dependency_type, via_resources, description, confidence,
       auto_discovered, created_by, missing_since
FROM jsonb_to_recordset($1::jsonb) AS row (
    id uuid, device_ip text, depends_on_ip text, dependency_type text, via_resources text[],
    description text, confidence numeric, auto_discovered boolean, created_by text,
    missing_since timestamptz)
ON CONFLICT (id) DO UPDATE SET
    device_ip = EXCLUDED.device_ip, depends_on_ip = EXCLUDED.depends_on_ip,
    via_resources = EXCLUDED.via_resources, description = EXCLUDED.description,
    confidence = EXCLUDED.confidence, created_by = EXCLUDED.created_by,
    missing_since = EXCLUDED.missing_since;

-- name: note_sync
-- Stores the inventory of connector $1 in force, its changes ($5, NULL: none), and its loss that
-- awaits confirmation ($8, NULL: none).
INSERT INTO inventory_syncs AS known (connector, taken_at, devices, dependencies, changes, changed_at,
                                      conflicts, rules, waiting, unread, remarks)
VALUES ($1, $2, $3, $4, coalesce($5::jsonb, '{}'), CASE WHEN $5::jsonb IS NOT NULL THEN now() END, $6, $7, $8,
        $9, $10)
ON CONFLICT (connector) DO UPDATE SET
    taken_at = EXCLUDED.taken_at, synced_at = now(), devices = EXCLUDED.devices,
    dependencies = EXCLUDED.dependencies,
    changes = CASE WHEN $5::jsonb IS NULL THEN known.changes ELSE EXCLUDED.changes END,
    changed_at = coalesce(EXCLUDED.changed_at, known.changed_at), conflicts = EXCLUDED.conflicts,
    rules = EXCLUDED.rules, waiting = EXCLUDED.waiting, unread = EXCLUDED.unread, remarks = EXCLUDED.remarks;

-- name: audit
-- Records in the audit log that an inventory was applied.
INSERT INTO audit_log (actor, action, subject, details)
VALUES ('connector:' || $1, 'inventory.sync', $1, $2);

-- name: syncs
-- The latest inventory of every connector that has one.
SELECT connector, taken_at, synced_at, devices, dependencies, changes, changed_at, conflicts, waiting, unread,
       remarks
FROM inventory_syncs
ORDER BY connector;

-- name: device_counts
-- The number of devices, by origin.
SELECT found_by, count(*) FILTER (WHERE retired_at IS NULL) AS active,
       count(*) FILTER (WHERE retired_at IS NOT NULL) AS retired,
       count(*) FILTER (WHERE NOT auto_discovered) AS of_people
FROM devices
GROUP BY found_by
ORDER BY found_by NULLS LAST;

-- name: dependency_counts
-- The number of dependencies, by origin, type and confidence, and their age.
SELECT CASE WHEN auto_discovered THEN created_by END AS found_by, dependency_type,
       confidence::float8 AS confidence, count(*) AS amount, min(created_at) AS oldest_at,
       max(created_at) AS newest_at, count(missing_since) AS missing, min(missing_since) AS missing_since
FROM dependencies
GROUP BY 1, 2, 3
ORDER BY 1 NULLS LAST, 2, 3 DESC;

-- name: missing_dependencies
-- The dependencies that the inventory of connector $1 no longer lists (NULL: of every connector).
SELECT id, device_ip, depends_on_ip, dependency_type, created_by AS found_by, description, missing_since
FROM dependencies
WHERE missing_since IS NOT NULL AND auto_discovered AND ($1::text IS NULL OR created_by = $1)
ORDER BY missing_since, device_ip, depends_on_ip, dependency_type;

-- name: audit_person
-- Records what operator $1 at address $5 has done ($2) about the inventory of connector $3.
INSERT INTO audit_log (actor, action, subject, details, remote_ip)
VALUES ($1, $2, $3, $4, $5);
