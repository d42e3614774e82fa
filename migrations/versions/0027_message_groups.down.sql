-- Rules send each alert by itself again.

DROP TRIGGER notification_rules_changed_at ON notification_rules;
ALTER TABLE notification_rules
    DROP COLUMN group_by,
    DROP COLUMN group_wait,
    DROP COLUMN group_interval,
    DROP COLUMN repeat_interval,
    DROP COLUMN digest;
CREATE TRIGGER notification_rules_changed_at BEFORE UPDATE ON notification_rules FOR EACH ROW
    WHEN ((NEW.name, NEW.enabled, NEW.priority, NEW.conditions, NEW.channels, NEW.throttle_minutes, NEW.stop)
          IS DISTINCT FROM
          (OLD.name, OLD.enabled, OLD.priority, OLD.conditions, OLD.channels, OLD.throttle_minutes, OLD.stop))
    EXECUTE FUNCTION set_rule_changed_at();
