-- rewrites: alerts, alert_history
ALTER TABLE alert_history DROP CONSTRAINT alert_history_pkey;
ALTER TABLE alert_history
    ALTER COLUMN changes DROP DEFAULT,
    ALTER COLUMN changes TYPE jsonb USING changes::jsonb,
    ALTER COLUMN changes SET DEFAULT '{}',
    ADD CONSTRAINT alert_history_pkey PRIMARY KEY (id, created_at);
CREATE INDEX alert_history_alert ON alert_history (alert_id, created_at);
ALTER TABLE alerts
    ALTER COLUMN raw_data DROP DEFAULT,
    ALTER COLUMN raw_data TYPE jsonb USING raw_data::jsonb,
    ALTER COLUMN raw_data SET DEFAULT '{}';
