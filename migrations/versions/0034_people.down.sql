-- Without people. An earlier version cannot read rules that name them: these are disabled, with the channels that
-- they name beside.

DELETE FROM notification_outbox WHERE kind = 'reminder';
ALTER TABLE notification_outbox
    DROP CONSTRAINT notification_outbox_kind_check,
    ADD CONSTRAINT notification_outbox_kind_check CHECK (kind IN (
        'problem', 'worse', 'recovery', 'flapping', 'stable', 'acknowledged', 'expired', 'summary', 'updated'));

ALTER TABLE alerts DROP COLUMN planned;

UPDATE notification_rules
SET enabled = false,
    channels = (SELECT coalesce(jsonb_agg(target), '[]')
                FROM jsonb_array_elements(channels) AS target WHERE target ? 'channel')
WHERE EXISTS (SELECT FROM jsonb_array_elements(channels) AS target WHERE NOT target ? 'channel');

DROP TABLE escalation_policies;
DROP TABLE schedule_overrides;
DROP TABLE schedules;
DROP TABLE teams;

ALTER TABLE users
    DROP COLUMN time_zone,
    DROP COLUMN contact_methods,
    DROP COLUMN provisioned_from;
