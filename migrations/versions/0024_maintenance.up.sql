-- Times in which some alerts are muted (docs/notifications.md): planned maintenance, and silences,
-- which begin now. What mutes an alert is kept with it, so that it is released when that ends.

CREATE TABLE maintenance_windows (
    id               uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    name             varchar(100) NOT NULL UNIQUE,
    reason           text,
    conditions       jsonb NOT NULL DEFAULT '{}',
    behind           varchar(255),             -- a device: it, and what is cut off without it
    mode             varchar(10) NOT NULL DEFAULT 'mute' CHECK (mode IN ('mute', 'hide')),
    start_at         timestamptz NOT NULL,
    end_at           timestamptz,
    created_by       varchar(100),
    provisioned_from text,
    created_at       timestamptz NOT NULL DEFAULT now(),
    updated_at       timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT maintenance_windows_times_are_finite CHECK (isfinite(start_at) AND isfinite(end_at)),
    CONSTRAINT maintenance_windows_end_after_start CHECK (end_at > start_at)
);
CREATE TRIGGER maintenance_windows_updated_at BEFORE UPDATE ON maintenance_windows FOR EACH ROW
    WHEN (NEW.updated_at = OLD.updated_at) EXECUTE FUNCTION set_updated_at();
CREATE TRIGGER daemon_epoch BEFORE INSERT OR UPDATE OR DELETE ON maintenance_windows
    FOR EACH STATEMENT EXECUTE FUNCTION check_daemon_epoch();

ALTER TABLE alerts
    ADD COLUMN muted_by        varchar(255),
    ADD COLUMN muted_until     timestamptz,
    ADD COLUMN is_hidden       boolean NOT NULL DEFAULT false,
    ADD COLUMN muted_since     timestamptz,
    ADD COLUMN muted_kind      varchar(20) NOT NULL DEFAULT '',
    ADD COLUMN muted_severity  varchar(20) NOT NULL DEFAULT '',
    ADD COLUMN shelved_until   timestamptz,
    ADD COLUMN shelved_by      varchar(100),
    ADD COLUMN shelved_reason  varchar(255);
ALTER TABLE alerts ADD CONSTRAINT alerts_mute_times_are_finite CHECK (
    isfinite(muted_until) AND isfinite(muted_since) AND isfinite(shelved_until)
);
