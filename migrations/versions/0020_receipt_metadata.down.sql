ALTER TABLE notification_log DROP COLUMN metadata;
