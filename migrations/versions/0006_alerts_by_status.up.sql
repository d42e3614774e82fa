-- rewrites: alerts
-- Alerts by status: open ones with room for repeats, closed ones packed; sizes of tables by day.
--
-- Repeats are cheap while every page of open alerts is half empty (heap-only updates). Closed alerts are
-- never repeated, and a year of them kept that half empty: they move to a partition of full pages.
-- A reference to a partitioned table would need the status in its key, so that foreign keys to alerts go.
-- The daemon is the only writer of alerts and their history; retention deletes what belongs to an alert.

ALTER TABLE alert_history DROP CONSTRAINT IF EXISTS alert_history_alert_id_fkey;
ALTER TABLE notification_outbox DROP CONSTRAINT IF EXISTS notification_outbox_alert_id_fkey;
ALTER TABLE notification_log DROP CONSTRAINT IF EXISTS notification_log_alert_id_fkey;
ALTER TABLE alerts DROP CONSTRAINT IF EXISTS alerts_correlated_to_id_fkey;

ALTER TABLE alerts RENAME TO alerts_before;
DROP TRIGGER alerts_updated_at ON alerts_before;
DROP INDEX alerts_open, alerts_one_open_per_fingerprint;  -- names that are used anew

CREATE TABLE alerts (LIKE alerts_before INCLUDING DEFAULTS INCLUDING CONSTRAINTS) PARTITION BY LIST (status);
-- room for a second version of every row: then repeats are heap-only updates
CREATE TABLE alerts_open PARTITION OF alerts
    FOR VALUES IN ('active', 'acknowledged', 'suppressed') WITH (fillfactor = 50);
CREATE TABLE alerts_closed PARTITION OF alerts FOR VALUES IN ('resolved', 'expired');

INSERT INTO alerts_closed SELECT * FROM alerts_before WHERE status IN ('resolved', 'expired');
INSERT INTO alerts_open SELECT * FROM alerts_before WHERE status NOT IN ('resolved', 'expired');
DROP TABLE alerts_before;

-- The engine answers for open alerts: they need few indexes, and every new alert pays for each.
ALTER TABLE alerts_open ADD CONSTRAINT alerts_open_pkey PRIMARY KEY (id);
CREATE UNIQUE INDEX alerts_one_open_per_fingerprint ON alerts_open (fingerprint);
CREATE INDEX alerts_open_device_ip ON alerts_open (device_ip);
CREATE INDEX alerts_open_occurred_at ON alerts_open (occurred_at);
CREATE INDEX alerts_open_correlated_to ON alerts_open (correlated_to_id) WHERE correlated_to_id IS NOT NULL;

ALTER TABLE alerts_closed ADD CONSTRAINT alerts_closed_pkey PRIMARY KEY (id);
CREATE INDEX alerts_closed_status ON alerts_closed (status, occurred_at DESC);
CREATE INDEX alerts_closed_severity ON alerts_closed (severity);
CREATE INDEX alerts_closed_category ON alerts_closed (category);
CREATE INDEX alerts_closed_device_ip ON alerts_closed (device_ip);
CREATE INDEX alerts_closed_occurred_at ON alerts_closed (occurred_at);
CREATE INDEX alerts_closed_source_system ON alerts_closed (source_system);
-- only ever compared for equality
CREATE INDEX alerts_closed_fingerprint ON alerts_closed USING hash (fingerprint);
CREATE INDEX alerts_closed_correlated_to ON alerts_closed (correlated_to_id)
    WHERE correlated_to_id IS NOT NULL;
CREATE INDEX alerts_closed_resolved_at ON alerts_closed (resolved_at);

CREATE TRIGGER alerts_updated_at BEFORE UPDATE ON alerts FOR EACH ROW
    WHEN (NEW.updated_at = OLD.updated_at) EXECUTE FUNCTION set_updated_at();

-- How large every table was, one row a day: from it follows when the disk is full.
CREATE TABLE table_sizes (
    day        date NOT NULL,
    table_name varchar(63) NOT NULL,
    bytes      bigint NOT NULL,
    PRIMARY KEY (day, table_name)
);
