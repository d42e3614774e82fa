-- An earlier version does not know the condition, and would mute nothing by it; rules that have it are disabled.

DELETE FROM maintenance_windows WHERE end_at IS NULL AND recurring IS NULL;
UPDATE notification_rules SET enabled = false WHERE conditions::text LIKE '%"device_status"%';
ALTER TABLE maintenance_windows
    ADD CONSTRAINT maintenance_windows_end CHECK (end_at IS NOT NULL OR recurring IS NOT NULL);
