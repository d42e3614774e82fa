-- name: alerts
-- Every open alert, and those resolved since $1: what the engine must remember. Nothing stands for an
-- empty array or document: most are empty, and NULL costs no decoding.
SELECT id, fingerprint, source_system, source_alert_id, device_ip, device_name, resource, alert_type,
       category, severity, status, impact, urgency, priority, title, message, is_clear, occurred_at,
       received_at, last_occurrence_at, occurrence_count, acknowledged_at, acknowledged_by, resolved_at,
       resolved_by, assigned_to, correlated_to_id, correlation_rule, is_cutting, expires_after_s,
       expires_at, snapshot_scope, notify_at,
       nullif(notified, '[]') AS notified, nullif(transitions, '{}') AS transitions, flapping_since, impacted,
       nullif(tags, '{}') AS tags, nullif(custom_fields, '{}') AS custom_fields
FROM alerts
WHERE status IN ('active', 'acknowledged', 'suppressed') OR resolved_at >= $1;
