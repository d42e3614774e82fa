-- Back to an empty database.

DROP TABLE audit_log, sessions, api_keys, user_roles, roles, users, notification_log,
    notification_outbox, alert_history, alerts, credentials, system_settings, notification_rules,
    oid_mappings, connectors, dependencies, device_addresses, devices;
DROP FUNCTION set_updated_at();
