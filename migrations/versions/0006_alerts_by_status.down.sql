-- rewrites: alerts
-- Undo 0006: one table for all alerts again, with its foreign keys.

DROP TABLE table_sizes;

ALTER TABLE alerts RENAME TO alerts_before;
DROP TRIGGER alerts_updated_at ON alerts_before;
ALTER TABLE alerts_open DROP CONSTRAINT alerts_open_pkey;
DROP INDEX alerts_one_open_per_fingerprint;
ALTER TABLE alerts_open RENAME TO alerts_open_before;
ALTER TABLE alerts_closed RENAME TO alerts_closed_before;

CREATE TABLE alerts (LIKE alerts_before INCLUDING DEFAULTS INCLUDING CONSTRAINTS) WITH (fillfactor = 50);
INSERT INTO alerts SELECT * FROM alerts_before;
DROP TABLE alerts_before;

ALTER TABLE alerts ADD CONSTRAINT alerts_pkey PRIMARY KEY (id);
CREATE UNIQUE INDEX alerts_one_open_per_fingerprint ON alerts (fingerprint)
    WHERE status IN ('active', 'acknowledged', 'suppressed');
CREATE INDEX alerts_open ON alerts (severity, occurred_at DESC)
    WHERE status IN ('active', 'acknowledged', 'suppressed');
CREATE INDEX alerts_status ON alerts (status, occurred_at DESC);
CREATE INDEX alerts_severity ON alerts (severity);
CREATE INDEX alerts_category ON alerts (category);
CREATE INDEX alerts_device_ip ON alerts (device_ip);
CREATE INDEX alerts_occurred_at ON alerts (occurred_at);
CREATE INDEX alerts_source_system ON alerts (source_system);
CREATE INDEX alerts_fingerprint ON alerts USING hash (fingerprint);
CREATE INDEX alerts_correlated_to ON alerts (correlated_to_id) WHERE correlated_to_id IS NOT NULL;
CREATE INDEX alerts_resolved_at ON alerts (resolved_at) WHERE resolved_at IS NOT NULL;

CREATE TRIGGER alerts_updated_at BEFORE UPDATE ON alerts FOR EACH ROW
    WHEN (NEW.updated_at = OLD.updated_at) EXECUTE FUNCTION set_updated_at();

-- What no longer has its alert cannot be referred to it again.
UPDATE alerts a SET correlated_to_id = NULL
WHERE correlated_to_id IS NOT NULL AND NOT EXISTS (SELECT FROM alerts c WHERE c.id = a.correlated_to_id);
DELETE FROM alert_history h WHERE NOT EXISTS (SELECT FROM alerts a WHERE a.id = h.alert_id);
DELETE FROM notification_outbox o WHERE NOT EXISTS (SELECT FROM alerts a WHERE a.id = o.alert_id);
UPDATE notification_log l SET alert_id = NULL
WHERE alert_id IS NOT NULL AND NOT EXISTS (SELECT FROM alerts a WHERE a.id = l.alert_id);

ALTER TABLE alerts ADD CONSTRAINT alerts_correlated_to_id_fkey FOREIGN KEY (correlated_to_id)
    REFERENCES alerts ON DELETE SET NULL DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE alert_history ADD CONSTRAINT alert_history_alert_id_fkey FOREIGN KEY (alert_id)
    REFERENCES alerts ON DELETE CASCADE;
ALTER TABLE notification_outbox ADD CONSTRAINT notification_outbox_alert_id_fkey FOREIGN KEY (alert_id)
    REFERENCES alerts ON DELETE CASCADE;
ALTER TABLE notification_log ADD CONSTRAINT notification_log_alert_id_fkey FOREIGN KEY (alert_id)
    REFERENCES alerts ON DELETE SET NULL;
