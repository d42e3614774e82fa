-- What waits in the engine is not sent; its alerts count as notified.

DELETE FROM notification_outbox WHERE kind = 'summary';
ALTER TABLE notification_outbox
    DROP CONSTRAINT notification_outbox_kind_check,
    ADD CONSTRAINT notification_outbox_kind_check CHECK (kind IN (
        'problem', 'worse', 'recovery', 'flapping', 'stable', 'acknowledged', 'expired'));

DROP TABLE engine_state;
