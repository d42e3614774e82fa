-- Back to notifications about alerts only.

DELETE FROM notification_outbox WHERE kind = 'maintenance';
DELETE FROM engine_state WHERE kind = 'window';

DROP INDEX notification_outbox_window;
ALTER TABLE notification_outbox
    DROP CONSTRAINT notification_outbox_is_about_one,
    DROP COLUMN window_id,
    ALTER COLUMN alert_id SET NOT NULL,
    DROP CONSTRAINT notification_outbox_kind_check,
    ADD CONSTRAINT notification_outbox_kind_check CHECK (kind IN (
        'problem', 'worse', 'recovery', 'flapping', 'stable', 'acknowledged', 'expired', 'summary',
        'updated', 'reminder'));

ALTER TABLE maintenance_windows DROP COLUMN announce;
