ALTER TABLE alerts
    DROP COLUMN own_tags,
    DROP COLUMN reported_severity,
    DROP COLUMN severity_by,
    DROP COLUMN severity_reason;
