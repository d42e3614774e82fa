-- Without the conditions that an earlier version does not know. It would ignore them and notify of too much, so
-- rules that use one are disabled.

DELETE FROM notification_outbox WHERE kind IN ('acknowledged', 'expired');
ALTER TABLE notification_outbox
    DROP CONSTRAINT notification_outbox_kind_check,
    ADD CONSTRAINT notification_outbox_kind_check CHECK (kind IN (
        'problem', 'worse', 'recovery', 'flapping', 'stable'));

ALTER TABLE alerts
    DROP CONSTRAINT alerts_rule_times_are_finite,
    DROP COLUMN last_event,
    DROP COLUMN unacknowledged_since,
    DROP COLUMN reroute_at;

DROP TRIGGER notification_rules_changed_at ON notification_rules;
DROP FUNCTION set_rule_changed_at();
UPDATE notification_rules
SET enabled = false
WHERE stop OR conditions - '{severity,category,device_ip_pattern,alert_type,source_system}'::text[] <> '{}';
ALTER TABLE notification_rules
    DROP COLUMN stop,
    DROP COLUMN changed_at;
