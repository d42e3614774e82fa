-- What is usual, and what is too much, for a type of machine; files may declare it. Nothing filled the table before.
DROP TABLE machine_configurations;
CREATE TABLE machine_configurations (
    id                  uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    machine_type        varchar(100) NOT NULL UNIQUE,       -- device_type of the devices, case aside
    description         text NOT NULL DEFAULT '',
    enabled             boolean NOT NULL DEFAULT true,
    baselines           jsonb NOT NULL DEFAULT '{}',        -- by metric: expected, variation
    operational_pattern jsonb NOT NULL DEFAULT '[]',        -- windows of time in which the machines work
    thresholds          jsonb NOT NULL DEFAULT '[]',        -- limits of metrics, as in alert_rules
    provisioned_from    text,
    updated_at          timestamptz NOT NULL DEFAULT now()
);
CREATE TRIGGER machine_configurations_updated_at BEFORE UPDATE ON machine_configurations FOR EACH ROW
    WHEN (NEW.updated_at = OLD.updated_at) EXECUTE FUNCTION set_updated_at();
CREATE TRIGGER daemon_epoch BEFORE INSERT OR UPDATE OR DELETE ON machine_configurations
    FOR EACH STATEMENT EXECUTE FUNCTION check_daemon_epoch();
