-- name: stored
-- The modules that were imported, to be linked with those that are imported now.
SELECT name, source, last_updated AS updated, form, skipped, faults
FROM mib_modules
ORDER BY name;

-- name: lock
-- Let no other import write before this transaction ends.
LOCK TABLE mib_modules IN SHARE ROW EXCLUSIVE MODE;

-- name: digests
-- The digests of the facts and of the derived mappings of every module.
SELECT name, facts_digest, mappings_digest FROM mib_modules;

-- name: remove
-- Remove modules $1 with their facts.
DELETE FROM mib_modules WHERE name = ANY($1::text[]);

-- name: remove_mappings
-- Remove the derived mappings of modules $1.
DELETE FROM mib_mappings WHERE module = ANY($1::text[]);

-- name: note_mappings
-- Note the digests $2 of the derived mappings of modules $1.
UPDATE mib_modules SET mappings_digest = new.digest
FROM unnest($1::text[], $2::bytea[]) AS new (name, digest)
WHERE mib_modules.name = new.name;

-- name: mappings
-- All derived mappings.
SELECT line FROM mib_mappings;

-- name: audit
-- Write into the audit log that $1 has done $2 with $3.
INSERT INTO audit_log (actor, action, subject, details) VALUES ($1, $2, $3, $4);

-- name: notifications
-- All notifications; of two with one OID that of the newer module comes first.
SELECT n.oid, n.name, n.module, n.objects::text AS objects, n.vendor
FROM mib_notifications n JOIN mib_modules m ON m.name = n.module
ORDER BY m.last_updated DESC, n.module, n.name;

-- name: objects
-- All objects and nodes; of two with one OID that of the newer module comes first, and objects before nodes.
SELECT o.oid, o.name, o.module, o.syntax, o.convention, o.enumeration::text AS enumeration, o.units,
       o.display_hint, o.row_index::text AS row_index, o.is_notify_only
FROM mib_objects o JOIN mib_modules m ON m.name = o.module
ORDER BY (o.syntax = ''), m.last_updated DESC, o.module, o.name;

-- name: modules
-- Every module with the numbers of its facts; those whose name matches the pattern $1.
SELECT m.name, m.source, m.last_updated AS updated, m.skipped, m.faults, m.missing, m.imported_at,
       (SELECT count(*) FROM mib_notifications n WHERE n.module = m.name)::int AS notifications,
       (SELECT count(*) FROM mib_objects o WHERE o.module = m.name AND o.syntax <> '')::int AS objects
FROM mib_modules m
WHERE m.name LIKE $1
ORDER BY m.name;

-- name: notifications_of
-- The notifications of module $1, by OID.
SELECT oid, name, module, objects::text AS objects, vendor
FROM mib_notifications
WHERE module = $1
ORDER BY string_to_array(oid, '.')::bigint[];

-- name: objects_of
-- The objects of module $1, by OID.
SELECT oid, name, module, syntax, convention, enumeration::text AS enumeration, units, display_hint,
       row_index::text AS row_index, is_notify_only
FROM mib_objects
WHERE module = $1
ORDER BY string_to_array(oid, '.')::bigint[];

-- name: search
-- Notifications and objects whose name matches the pattern $1 or whose OID is $2 or stands below it, $3 at most.
SELECT kind, oid, name, module FROM (
    SELECT 'notification' AS kind, oid, name, module FROM mib_notifications
    UNION ALL
    SELECT CASE syntax WHEN '' THEN 'node' ELSE 'object' END AS kind, oid, name, module FROM mib_objects
) AS facts
WHERE name ILIKE $1 OR oid = $2 OR ($2 <> '' AND starts_with(oid, $2 || '.'))
ORDER BY string_to_array(oid, '.')::bigint[], module, name
LIMIT $3;

-- name: at_oids
-- The names at any of the OIDs $1; the longest OID first, an object before a node, the newer module before.
SELECT f.oid, f.name, f.module FROM (
    SELECT oid, name, module, 0 AS turn FROM mib_notifications WHERE oid = ANY($1::text[])
    UNION ALL
    SELECT oid, name, module, CASE syntax WHEN '' THEN 1 ELSE 0 END FROM mib_objects WHERE oid = ANY($1::text[])
) AS f JOIN mib_modules m ON m.name = f.module
ORDER BY length(f.oid) DESC, f.turn, m.last_updated DESC, f.module;

-- name: named
-- The OIDs of name $1, in module $2 unless that is empty.
SELECT oid, name, module FROM mib_notifications WHERE name = $1 AND ($2 = '' OR module = $2)
UNION
SELECT oid, name, module FROM mib_objects WHERE name = $1 AND ($2 = '' OR module = $2)
ORDER BY module, oid;
