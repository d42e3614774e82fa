-- The outbox in order of arrival.

DROP INDEX notification_log_concluded;
ALTER TABLE notification_log DROP COLUMN concluded_at;
DROP INDEX notification_outbox_urgent;
ALTER TABLE notification_outbox DROP COLUMN is_retry, DROP COLUMN urgency;
