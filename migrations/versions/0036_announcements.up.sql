-- The begin and the end of a maintenance window are announced (docs/maintenance.md): a notification of this kind is
-- about a window, which may be deleted before the notification is delivered, and about no alert.

ALTER TABLE maintenance_windows ADD COLUMN announce jsonb NOT NULL DEFAULT '[]';

ALTER TABLE notification_outbox
    ALTER COLUMN alert_id DROP NOT NULL,
    ADD COLUMN window_id uuid,
    DROP CONSTRAINT notification_outbox_kind_check,
    ADD CONSTRAINT notification_outbox_kind_check CHECK (kind IN (
        'problem', 'worse', 'recovery', 'flapping', 'stable', 'acknowledged', 'expired', 'summary',
        'updated', 'reminder', 'maintenance')),
    ADD CONSTRAINT notification_outbox_is_about_one CHECK (
        CASE kind WHEN 'maintenance' THEN alert_id IS NULL AND window_id IS NOT NULL
                  ELSE alert_id IS NOT NULL AND window_id IS NULL END);
CREATE INDEX notification_outbox_window ON notification_outbox (window_id, channel, recipient, position)
    WHERE window_id IS NOT NULL;
