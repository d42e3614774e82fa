-- name: device
-- Where the device with id $1 is declared or found.
SELECT auto_discovered, found_by, netbox_url AS url, provisioned_from, last_synced_at, created_at, updated_at
FROM devices
WHERE id = $1;

-- name: dependencies
-- What the engine does not know of dependencies ($1, $2, $3: the columns that identify each).
SELECT d.id, d.device_ip, d.depends_on_ip, d.dependency_type, d.description, d.auto_discovered, d.created_by,
       d.provisioned_from
FROM unnest($1::text[], $2::text[], $3::text[]) AS wanted (device_ip, depends_on_ip, dependency_type)
JOIN dependencies d USING (device_ip, depends_on_ip, dependency_type);

-- name: export
-- Up to $4 dependencies after the one that $1, $2 and $3 identify.
SELECT device_ip, depends_on_ip, dependency_type, via_resources, description,
       confidence::float8 AS confidence, auto_discovered, created_by, provisioned_from, missing_since
FROM dependencies
WHERE (device_ip, depends_on_ip, dependency_type) > ($1, $2, $3)
ORDER BY device_ip, depends_on_ip, dependency_type
LIMIT $4;

-- name: present
-- The dependencies ($1, $2, $3: the columns that identify each) as they are.
SELECT d.device_ip, d.depends_on_ip, d.dependency_type, d.via_resources, d.description,
       d.confidence::float8 AS confidence, d.auto_discovered, d.created_by, d.provisioned_from, d.missing_since
FROM unnest($1::text[], $2::text[], $3::text[]) AS wanted (device_ip, depends_on_ip, dependency_type)
JOIN dependencies d USING (device_ip, depends_on_ip, dependency_type);

-- name: last_heard
-- When the newest closed alert of the device with address $1, or of name $2 if it has none, last occurred.
SELECT last_occurrence_at FROM alerts_closed
WHERE device_ip = $1 OR ($1::text IS NULL AND device_ip IS NULL AND device_name COLLATE "C" = $2)
ORDER BY occurred_at DESC
LIMIT 1;
