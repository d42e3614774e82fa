-- What people decide in place of the source: tags of their own, and another severity with its reason.
ALTER TABLE alerts
    ADD COLUMN own_tags          text[] NOT NULL DEFAULT '{}',
    ADD COLUMN reported_severity varchar(20),
    ADD COLUMN severity_by       varchar(100),
    ADD COLUMN severity_reason   varchar(255);
ALTER TABLE alerts ADD CONSTRAINT alerts_reported_severity_check CHECK (
    reported_severity IN ('critical', 'major', 'minor', 'warning', 'info', 'clear')
);
