-- Updates on causes whose consequences have become more are notifications of a kind of their own.

ALTER TABLE notification_outbox
    DROP CONSTRAINT notification_outbox_kind_check,
    ADD CONSTRAINT notification_outbox_kind_check CHECK (kind IN (
        'problem', 'worse', 'recovery', 'flapping', 'stable', 'acknowledged', 'expired', 'summary', 'updated'));
