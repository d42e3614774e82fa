ALTER TABLE alert_history
    DROP CONSTRAINT alert_history_action_check,
    DROP CONSTRAINT alert_history_old_status_check,
    DROP CONSTRAINT alert_history_new_status_check,
    ADD CONSTRAINT alert_history_action_check CHECK (action IN (
        'created', 'acknowledged', 'unacknowledged', 'resolved', 'suppressed', 'unsuppressed', 'updated', 'reopened',
        'expired', 'escalated', 'noted', 'assigned', 'flapping', 'stable', 'notified')),
    ADD CONSTRAINT alert_history_old_status_check CHECK (old_status IN (
        'active', 'acknowledged', 'suppressed', 'resolved', 'expired')),
    ADD CONSTRAINT alert_history_new_status_check CHECK (new_status IN (
        'active', 'acknowledged', 'suppressed', 'resolved', 'expired'));
ALTER TABLE alerts
    DROP CONSTRAINT alerts_severity_check,
    DROP CONSTRAINT alerts_reported_severity_check,
    DROP CONSTRAINT alerts_category_check,
    DROP CONSTRAINT alerts_status_check,
    DROP CONSTRAINT alerts_priority_check,
    DROP CONSTRAINT alerts_impact_check,
    DROP CONSTRAINT alerts_urgency_check,
    DROP CONSTRAINT alerts_last_event_check,
    ADD CONSTRAINT alerts_severity_check CHECK (severity IN (
        'critical', 'major', 'minor', 'warning', 'info', 'clear')),
    ADD CONSTRAINT alerts_reported_severity_check CHECK (reported_severity IN (
        'critical', 'major', 'minor', 'warning', 'info', 'clear')),
    ADD CONSTRAINT alerts_category_check CHECK (category IN (
        'network', 'power', 'video', 'wireless', 'security', 'environment', 'compute', 'storage', 'application',
        'unknown')),
    ADD CONSTRAINT alerts_status_check CHECK (status IN (
        'active', 'acknowledged', 'suppressed', 'resolved', 'expired')),
    ADD CONSTRAINT alerts_priority_check CHECK (priority IN ('P1', 'P2', 'P3', 'P4', 'P5')),
    ADD CONSTRAINT alerts_impact_check CHECK (impact IN ('high', 'medium', 'low')),
    ADD CONSTRAINT alerts_urgency_check CHECK (urgency IN ('high', 'medium', 'low')),
    ADD CONSTRAINT alerts_last_event_check CHECK (last_event IN ('created', 'reopened', 'escalated'));
DROP INDEX alerts_open_occurred_at;
CREATE INDEX alerts_open_occurred_at ON alerts_open (occurred_at);
