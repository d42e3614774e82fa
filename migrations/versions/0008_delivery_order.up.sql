-- Who waits in the outbox is delivered by urgency, and what is tried again does not hold up what is new. The
-- log keeps when it was decided that a notification is sent or given up.

ALTER TABLE notification_outbox
    -- 0 critical, 1 major, 2 minor, 3 warning, 4 info; a recovery is one less urgent than its problem
    ADD COLUMN urgency  smallint NOT NULL DEFAULT 2,
    ADD COLUMN is_retry boolean NOT NULL GENERATED ALWAYS AS (attempts > 0) STORED;
UPDATE notification_outbox
SET urgency = coalesce(array_position('{critical,major,minor,warning,info}', facts->>'severity') - 1, 2)
              + (kind = 'recovery')::int;
CREATE INDEX notification_outbox_urgent
    ON notification_outbox (channel, is_retry, urgency, next_attempt_at, position);

ALTER TABLE notification_log ADD COLUMN concluded_at timestamptz;
UPDATE notification_log SET concluded_at = coalesce(sent_at, created_at) WHERE status <> 'pending';
CREATE INDEX notification_log_concluded ON notification_log (concluded_at);
