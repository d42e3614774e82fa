-- People who are notified (docs/notifications.md): contact methods of users, teams, on-call schedules and escalation
-- policies; what an alert notifies later.

ALTER TABLE users
    ADD COLUMN time_zone varchar(64) NOT NULL DEFAULT 'UTC',
    ADD COLUMN contact_methods jsonb NOT NULL DEFAULT '[]',
    ADD COLUMN provisioned_from text;

CREATE TABLE teams (
    id               uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    name             varchar(100) NOT NULL UNIQUE,
    description      text,
    members          jsonb NOT NULL DEFAULT '[]',    -- names of users
    provisioned_from text,
    created_at       timestamptz NOT NULL DEFAULT now(),
    updated_at       timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE schedules (
    id               uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    name             varchar(100) NOT NULL UNIQUE,
    description      text,
    time_zone        varchar(64) NOT NULL,
    layers           jsonb NOT NULL DEFAULT '[]',
    provisioned_from text,
    created_at       timestamptz NOT NULL DEFAULT now(),
    updated_at       timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE schedule_overrides (
    id         uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    schedule   varchar(100) NOT NULL REFERENCES schedules (name) ON UPDATE CASCADE ON DELETE CASCADE,
    person     varchar(100) NOT NULL REFERENCES users (username) ON UPDATE CASCADE ON DELETE CASCADE,
    begins_at  timestamptz NOT NULL,
    ends_at    timestamptz NOT NULL,
    uid        varchar(255),                         -- of an imported calendar
    created_by varchar(100) NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    -- of overrides that overlap the latest applies
    position   bigint GENERATED ALWAYS AS IDENTITY,
    CONSTRAINT schedule_overrides_have_a_length CHECK (begins_at < ends_at),
    CONSTRAINT schedule_overrides_are_finite CHECK (isfinite(begins_at) AND isfinite(ends_at)),
    UNIQUE (schedule, uid)
);
CREATE INDEX schedule_overrides_ends ON schedule_overrides (ends_at);

CREATE TABLE escalation_policies (
    id                        uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    name                      varchar(100) NOT NULL UNIQUE,
    description               text,
    steps                     jsonb NOT NULL,
    repeat                    integer NOT NULL DEFAULT 0 CHECK (repeat >= 0),
    repeat_after              text,
    acknowledgement_expires   text,
    provisioned_from          text,
    created_at                timestamptz NOT NULL DEFAULT now(),
    updated_at                timestamptz NOT NULL DEFAULT now()
);

DO $$
DECLARE
    name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['teams', 'schedules', 'schedule_overrides', 'escalation_policies'] LOOP
        EXECUTE format('CREATE TRIGGER daemon_epoch BEFORE INSERT OR UPDATE OR DELETE ON %I '
                       'FOR EACH STATEMENT EXECUTE FUNCTION check_daemon_epoch()', name);
    END LOOP;
    FOREACH name IN ARRAY ARRAY['teams', 'schedules', 'escalation_policies'] LOOP
        EXECUTE format('CREATE TRIGGER %I BEFORE UPDATE ON %I FOR EACH ROW '
                       'WHEN (NEW.updated_at = OLD.updated_at) EXECUTE FUNCTION set_updated_at()',
                       name || '_updated_at', name);
    END LOOP;
END
$$;

ALTER TABLE alerts ADD COLUMN planned jsonb NOT NULL DEFAULT '[]';

ALTER TABLE notification_outbox
    DROP CONSTRAINT notification_outbox_kind_check,
    ADD CONSTRAINT notification_outbox_kind_check CHECK (kind IN (
        'problem', 'worse', 'recovery', 'flapping', 'stable', 'acknowledged', 'expired', 'summary',
        'updated', 'reminder'));
