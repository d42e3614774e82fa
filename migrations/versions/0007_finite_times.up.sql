-- Times that are none (`infinity`, `-infinity`, before the year 2000): healed where they are, then refused.
-- PostgreSQL's infinite times have no counterpart elsewhere: one made every list of alerts fail.

UPDATE alerts SET created_at = now() WHERE NOT isfinite(created_at);
UPDATE alerts SET updated_at = created_at WHERE NOT isfinite(updated_at);
UPDATE alerts SET received_at = created_at WHERE NOT isfinite(received_at);
UPDATE alerts
SET custom_fields = custom_fields
        || jsonb_build_object('implausible_time', occurred_at::text || ' (the time of receipt is used)'),
    occurred_at = received_at
WHERE NOT isfinite(occurred_at) OR (occurred_at < '2000-01-01Z' AND received_at >= '2000-01-01Z');
UPDATE alerts SET last_occurrence_at = greatest(occurred_at, received_at) WHERE NOT isfinite(last_occurrence_at);
UPDATE alerts SET last_occurrence_at = occurred_at WHERE last_occurrence_at < occurred_at;
UPDATE alerts SET acknowledged_at = last_occurrence_at WHERE NOT isfinite(acknowledged_at);
UPDATE alerts SET resolved_at = last_occurrence_at WHERE NOT isfinite(resolved_at);
UPDATE alerts SET flapping_since = last_occurrence_at WHERE NOT isfinite(flapping_since);
UPDATE alerts SET notify_at = last_occurrence_at WHERE NOT isfinite(notify_at);
UPDATE alerts SET expires_at = NULL WHERE NOT isfinite(expires_at);
UPDATE alerts
SET transitions = array_remove(array_remove(transitions, 'infinity'), '-infinity')
WHERE transitions && '{infinity,-infinity}'::timestamptz[];

UPDATE alert_history entry
SET created_at = (SELECT alert.received_at FROM alerts alert WHERE alert.id = entry.alert_id)
WHERE NOT isfinite(entry.created_at);

UPDATE notification_outbox SET created_at = now() WHERE NOT isfinite(created_at);
UPDATE notification_outbox SET next_attempt_at = now() WHERE NOT isfinite(next_attempt_at);
UPDATE notification_log SET created_at = coalesce(nullif(nullif(sent_at, 'infinity'), '-infinity'), now())
WHERE NOT isfinite(created_at);
UPDATE notification_log SET sent_at = created_at WHERE NOT isfinite(sent_at);
UPDATE notification_rules SET last_triggered_at = NULL WHERE NOT isfinite(last_triggered_at);
UPDATE raw_events SET received_at = now() WHERE NOT isfinite(received_at);
UPDATE reported_keys SET reported_at = now() WHERE NOT isfinite(reported_at);

-- rows that were healed twice have queued checks of their foreign key, which ALTER TABLE would not wait for
SET CONSTRAINTS ALL IMMEDIATE;

ALTER TABLE alerts ADD CONSTRAINT alerts_times_are_finite CHECK (
    isfinite(occurred_at) AND isfinite(received_at) AND isfinite(last_occurrence_at)
    AND isfinite(acknowledged_at) AND isfinite(resolved_at) AND isfinite(expires_at)
    AND isfinite(notify_at) AND isfinite(flapping_since) AND isfinite(created_at) AND isfinite(updated_at)
    AND NOT transitions && '{infinity,-infinity}'::timestamptz[]
);
ALTER TABLE alert_history ADD CONSTRAINT alert_history_times_are_finite CHECK (isfinite(created_at));
ALTER TABLE notification_outbox ADD CONSTRAINT notification_outbox_times_are_finite CHECK (
    isfinite(created_at) AND isfinite(next_attempt_at)
);
ALTER TABLE notification_log ADD CONSTRAINT notification_log_times_are_finite CHECK (
    isfinite(created_at) AND isfinite(sent_at)
);
ALTER TABLE notification_rules ADD CONSTRAINT notification_rules_times_are_finite CHECK (
    isfinite(last_triggered_at)
);
ALTER TABLE raw_events ADD CONSTRAINT raw_events_times_are_finite CHECK (isfinite(received_at));
ALTER TABLE reported_keys ADD CONSTRAINT reported_keys_times_are_finite CHECK (isfinite(reported_at));
