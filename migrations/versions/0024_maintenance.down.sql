-- Muted alerts are not notified later: an earlier version does not know that something waits.

ALTER TABLE alerts
    DROP CONSTRAINT alerts_mute_times_are_finite,
    DROP COLUMN muted_by,
    DROP COLUMN muted_until,
    DROP COLUMN is_hidden,
    DROP COLUMN muted_since,
    DROP COLUMN muted_kind,
    DROP COLUMN muted_severity,
    DROP COLUMN shelved_until,
    DROP COLUMN shelved_by,
    DROP COLUMN shelved_reason;
DROP TABLE maintenance_windows;
