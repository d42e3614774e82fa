-- Sums of alerts by day, which the daemon writes when a day (UTC) is over: an overview of a month adds up some
-- thousand rows instead of reading all its alerts. See store/queries/overview.sql for the kinds.
CREATE TABLE alert_days (
    day    date NOT NULL,
    kind   varchar(20) NOT NULL,
    name   text NOT NULL,
    amount bigint NOT NULL,
    PRIMARY KEY (day, kind, name)
);
CREATE TRIGGER daemon_epoch BEFORE INSERT OR UPDATE OR DELETE ON alert_days
    FOR EACH STATEMENT EXECUTE FUNCTION check_daemon_epoch();

-- Few entries are of this kind, and the others are not to be read for them.
CREATE INDEX alert_history_flapping ON alert_history (created_at) WHERE action = 'flapping';
