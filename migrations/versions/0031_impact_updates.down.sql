-- Without updates.

DELETE FROM notification_outbox WHERE kind = 'updated';
ALTER TABLE notification_outbox
    DROP CONSTRAINT notification_outbox_kind_check,
    ADD CONSTRAINT notification_outbox_kind_check CHECK (kind IN (
        'problem', 'worse', 'recovery', 'flapping', 'stable', 'acknowledged', 'expired', 'summary'));
