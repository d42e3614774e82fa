-- Notification rules with more conditions (docs/notifications.md): a rule may stop the evaluation, and may wait
-- for time. `changed_at` is when a rule was last changed, apart from when it fired.

ALTER TABLE notification_rules
    ADD COLUMN stop boolean NOT NULL DEFAULT false,
    ADD COLUMN changed_at timestamptz NOT NULL DEFAULT now();
UPDATE notification_rules SET changed_at = created_at;

CREATE FUNCTION set_rule_changed_at() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.changed_at := now();
    RETURN NEW;
END
$$;
CREATE TRIGGER notification_rules_changed_at BEFORE UPDATE ON notification_rules FOR EACH ROW
    WHEN ((NEW.name, NEW.enabled, NEW.priority, NEW.conditions, NEW.channels, NEW.throttle_minutes, NEW.stop)
          IS DISTINCT FROM
          (OLD.name, OLD.enabled, OLD.priority, OLD.conditions, OLD.channels, OLD.throttle_minutes, OLD.stop))
    EXECUTE FUNCTION set_rule_changed_at();

ALTER TABLE alerts
    ADD COLUMN last_event varchar(20) NOT NULL DEFAULT 'created'
        CHECK (last_event IN ('created', 'reopened', 'escalated')),
    ADD COLUMN unacknowledged_since timestamptz,
    ADD COLUMN reroute_at timestamptz;
UPDATE alerts SET unacknowledged_since = received_at WHERE status = 'active';
ALTER TABLE alerts ADD CONSTRAINT alerts_rule_times_are_finite CHECK (
    isfinite(unacknowledged_since) AND isfinite(reroute_at)
);

ALTER TABLE notification_outbox
    DROP CONSTRAINT notification_outbox_kind_check,
    ADD CONSTRAINT notification_outbox_kind_check CHECK (kind IN (
        'problem', 'worse', 'recovery', 'flapping', 'stable', 'acknowledged', 'expired'));
