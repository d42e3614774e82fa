-- name: put_aside
-- Move everything aside, so that a restore finds an empty schema.
DROP SCHEMA IF EXISTS opsconductor_before_restore CASCADE;
ALTER SCHEMA public RENAME TO opsconductor_before_restore;
CREATE SCHEMA public;

-- name: put_back
-- Bring back what was moved aside.
DROP SCHEMA public CASCADE;
ALTER SCHEMA opsconductor_before_restore RENAME TO public;

-- name: drop_aside
-- Delete what was moved aside.
DROP SCHEMA opsconductor_before_restore CASCADE;

-- name: count_rows
-- The number of rows of the main tables.
SELECT 'alerts' AS relation, count(*) AS amount FROM alerts
UNION ALL SELECT 'alert_history', count(*) FROM alert_history
UNION ALL SELECT 'devices', count(*) FROM devices
UNION ALL SELECT 'dependencies', count(*) FROM dependencies
UNION ALL SELECT 'connectors', count(*) FROM connectors
UNION ALL SELECT 'oid_mappings', count(*) FROM oid_mappings
UNION ALL SELECT 'notification_rules', count(*) FROM notification_rules
UNION ALL SELECT 'raw_events', count(*) FROM raw_events;
