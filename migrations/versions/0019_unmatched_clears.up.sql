-- Clears that ended no alert: counted by day and by what they named, so that mappings whose clears never
-- meet their problems are found. An asterisk stands for devices or resources beyond the limits.

CREATE TABLE unmatched_clears (
    day        date NOT NULL,          -- of UTC
    connector  varchar(50) NOT NULL,
    device     varchar(255) NOT NULL,  -- address, or name if it has none
    alert_type varchar(100) NOT NULL,
    resource   varchar(255) NOT NULL,
    amount     bigint NOT NULL CHECK (amount > 0),
    last_at    timestamptz NOT NULL,
    PRIMARY KEY (day, connector, device, alert_type, resource)
);
CREATE TRIGGER daemon_epoch BEFORE INSERT OR UPDATE OR DELETE ON unmatched_clears
    FOR EACH STATEMENT EXECUTE FUNCTION check_daemon_epoch();
