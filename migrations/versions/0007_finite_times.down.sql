-- Without the refusal of infinite times; what was healed stays so.

ALTER TABLE reported_keys DROP CONSTRAINT reported_keys_times_are_finite;
ALTER TABLE raw_events DROP CONSTRAINT raw_events_times_are_finite;
ALTER TABLE notification_rules DROP CONSTRAINT notification_rules_times_are_finite;
ALTER TABLE notification_log DROP CONSTRAINT notification_log_times_are_finite;
ALTER TABLE notification_outbox DROP CONSTRAINT notification_outbox_times_are_finite;
ALTER TABLE alert_history DROP CONSTRAINT alert_history_times_are_finite;
ALTER TABLE alerts DROP CONSTRAINT alerts_times_are_finite;
