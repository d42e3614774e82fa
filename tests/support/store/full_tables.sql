-- :amount rows in every table that grows with time or with the size of the network, beside the alerts.
INSERT INTO alert_history (alert_id, action, old_status, new_status, rule, created_at)
SELECT id, 'created', NULL, 'active', 'fold.new', occurred_at FROM alerts;
INSERT INTO notification_log (alert_id, channel, recipient, status, payload, created_at, sent_at, concluded_at)
SELECT id, 'mail', resource || '@' || device_ip, 'sent', '{"rule": "all"}', occurred_at, occurred_at, occurred_at FROM alerts;
INSERT INTO notification_outbox (alert_id, rule_name, channel, recipient, kind, facts)
SELECT id, 'all', 'mail', 'noc@example.net', 'problem', '{"title": "Link Down", "severity": "major"}'
FROM alerts LIMIT :amount;
-- without its chain, one row of which every entry changes: in one transaction that takes the square of their number
ALTER TABLE audit_log DISABLE TRIGGER USER;
INSERT INTO audit_log (actor, action, subject, seq, hash)
SELECT 'a' || n % 300, (ARRAY['alert.acknowledge', 'rules.update'])[1 + n % 2], 's' || n % 700,
    (SELECT seq FROM audit_chain) + n, md5(n::text)
FROM generate_series(1, :amount) AS n;
UPDATE audit_chain SET seq = (SELECT max(seq) FROM audit_log);
ALTER TABLE audit_log ENABLE TRIGGER USER;
INSERT INTO devices (ip_address, name, site, role)
SELECT '10.8.' || n / 250 || '.' || n % 250, 'device-' || n, 'site' || n % 150, 'access' FROM generate_series(1, :amount) AS n;
INSERT INTO dependencies (device_ip, depends_on_ip)
SELECT '10.8.' || n / 250 || '.' || n % 250, '10.8.0.1' FROM generate_series(2, :amount) AS n;
INSERT INTO raw_events (id, connector, received_at, peer, payload)
SELECT gen_random_uuid(), 'snmp_trap', now() - n * '1 min'::interval, '10.8.0.1', repeat('x', 200)::bytea FROM generate_series(1, :amount) AS n;
INSERT INTO unmatched_clears (day, connector, device, alert_type, resource, amount, last_at)
SELECT current_date - n % 30, 'snmp_trap', 'device-' || n, 'network_link_down', 'ifIndex=' || n, 1, now() FROM generate_series(1, :amount) AS n;
INSERT INTO set_aside (id, kind, origin, reason, content, size, at)
SELECT gen_random_uuid(), 'event', 'snmp_trap', 'odd', repeat('x', 200)::bytea, 200, now() - n * '1 min'::interval FROM generate_series(1, :amount) AS n;
INSERT INTO daemon_runs (id, host, version, started_at, seen_at)
VALUES ('6ba7b810-9dad-11d1-80b4-00c04fd430c8', 'host', '1', now(), now());
INSERT INTO loss_ledger (minute, run_id, connector, stage, amount)
SELECT date_trunc('minute', now()) - n * '1 min'::interval, '6ba7b810-9dad-11d1-80b4-00c04fd430c8', 'snmp_trap', 'received', 5 FROM generate_series(1, :amount) AS n;
INSERT INTO state_snapshots (device_key, snapshot_time, state_data)
SELECT '10.8.' || n % 20 || '.' || n % 250, now() - n * '1 min'::interval, '{"alerts": []}' FROM generate_series(1, :amount) AS n;
INSERT INTO anomalies (id, detected_at, subject, device_key, device_name, site, metric, anomaly_type, severity)
SELECT gen_random_uuid(), now() - n * '1 min'::interval, 'series ' || n, '10.8.0.' || n % 250, 'device-' || n % 250, 'site' || n % 50, 'ifInOctets', 'spike', 'high'
FROM generate_series(1, :amount) AS n;
INSERT INTO data_sources (name, type) VALUES ('snmp', 'connector');
INSERT INTO metric_series (id, source_id, device, metric, kind, resource)
SELECT 900000 + n, (SELECT id FROM data_sources LIMIT 1), '10.8.' || n % 20 || '.' || n % 250, 'ifInOctets', 'gauge', 'ifIndex=' || n FROM generate_series(1, :amount) AS n;
INSERT INTO maintenance_reports (report_type, generated_time, scope_kind, period_begin, period_end, content)
SELECT 'daily', now() - n * '1 day'::interval, 'all', now() - (n + 1) * '1 day'::interval, now() - n * '1 day'::interval, jsonb_build_object('period', '1 November 2026', 'text', repeat('x', 200))
FROM generate_series(1, :amount) AS n;
INSERT INTO report_jobs (report_type, period_begin, period_end, status, created_at)
SELECT 'daily', now() - '1 day'::interval, now(), 'completed', now() - n * '1 min'::interval FROM generate_series(1, :amount) AS n;
INSERT INTO datasets (created_by, name, created_at) SELECT 'anna', 'set ' || n, now() - n * '1 min'::interval FROM generate_series(1, :amount) AS n;
INSERT INTO oid_mappings (oid_pattern, alert_type, category, default_severity, title_template)
SELECT '1.3.6.1.4.1.9.' || n, 'network_x', 'network', 'major', 'x' FROM generate_series(1, :amount) AS n;
