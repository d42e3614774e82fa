-- Rules may combine the messages about several alerts (docs/notifications.md). Lengths of time are as in files: 30s.

ALTER TABLE notification_rules
    ADD COLUMN group_by jsonb NOT NULL DEFAULT '[]',
    ADD COLUMN group_wait text,
    ADD COLUMN group_interval text,
    ADD COLUMN repeat_interval text,
    ADD COLUMN digest jsonb;

DROP TRIGGER notification_rules_changed_at ON notification_rules;
CREATE TRIGGER notification_rules_changed_at BEFORE UPDATE ON notification_rules FOR EACH ROW
    WHEN ((NEW.name, NEW.enabled, NEW.priority, NEW.conditions, NEW.channels, NEW.throttle_minutes, NEW.stop,
           NEW.group_by, NEW.group_wait, NEW.group_interval, NEW.repeat_interval, NEW.digest)
          IS DISTINCT FROM
          (OLD.name, OLD.enabled, OLD.priority, OLD.conditions, OLD.channels, OLD.throttle_minutes, OLD.stop,
           OLD.group_by, OLD.group_wait, OLD.group_interval, OLD.repeat_interval, OLD.digest))
    EXECUTE FUNCTION set_rule_changed_at();
