DROP TABLE machine_configurations;
-- What is ordinary for a type of machine, learned from its devices; people may correct it.
CREATE TABLE machine_configurations (
    id                  uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    machine_type        varchar(100) NOT NULL UNIQUE,
    baselines           jsonb NOT NULL DEFAULT '{}',    -- by metric: median, variation, unit, number of series
    operational_pattern jsonb NOT NULL DEFAULT '{}',
    thresholds          jsonb NOT NULL DEFAULT '{}',
    learned_at          timestamptz,
    updated_at          timestamptz NOT NULL DEFAULT now()
);
CREATE TRIGGER machine_configurations_updated_at BEFORE UPDATE ON machine_configurations FOR EACH ROW
    WHEN (NEW.updated_at = OLD.updated_at) EXECUTE FUNCTION set_updated_at();
CREATE TRIGGER daemon_epoch BEFORE INSERT OR UPDATE OR DELETE ON machine_configurations
    FOR EACH STATEMENT EXECUTE FUNCTION check_daemon_epoch();
