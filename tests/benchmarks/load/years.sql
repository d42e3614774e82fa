-- What belongs to the alerts: their devices with dependencies; of the last 10 days two entries of history each, and
-- messages about every fifth; an audit log.
INSERT INTO devices (ip_address, name, site, role, device_type)
SELECT '10.' || n / 65536 || '.' || n / 256 % 256 || '.' || n % 256,
    (ARRAY['switch', 'router', 'ups', 'camera', 'ap'])[1 + n % 5] || '-' || n || '.site' || n % 150 || '.example.net',
    'site' || n % 150, (ARRAY['switch', 'router', 'ups', 'camera', 'ap'])[1 + n % 5], 'device'
FROM generate_series(0, 4999) AS n;

INSERT INTO dependencies (device_ip, depends_on_ip)
SELECT '10.0.' || n / 256 % 256 || '.' || n % 256, '10.0.0.' || n % 150
FROM generate_series(150, 4999) AS n;

INSERT INTO alert_history (alert_id, action, old_status, new_status, rule, created_at, changes)
SELECT a.id, step.action, step.old_status, step.new_status, 'fold.new', step.at, '{"severity": [null, "major"]}'
FROM alerts a CROSS JOIN LATERAL (
    VALUES ('created', NULL, 'active', a.occurred_at),
           ('resolved', 'active', 'resolved', a.resolved_at),
           (CASE WHEN a.occurrence_count % 40 = 7 THEN 'flapping' END, 'active', 'active', a.occurred_at)
) AS step (action, old_status, new_status, at)
WHERE step.action IS NOT NULL AND step.at IS NOT NULL AND a.occurred_at > now() - '10 days'::interval;

INSERT INTO notification_log (alert_id, channel, recipient, status, payload, created_at, sent_at, concluded_at)
SELECT id, 'mail', 'noc@example.net', CASE WHEN occurrence_count = 3 THEN 'failed' ELSE 'sent' END,
    '{"rule": "all", "title": "Link Down"}', occurred_at, occurred_at, occurred_at
FROM alerts
WHERE (impacted > 0 OR occurrence_count > 1 OR cardinality(tags) > 0) AND occurred_at > now() - '10 days'::interval;

-- without its chain, one row of which every entry changes: in one transaction that takes the square of their number
ALTER TABLE audit_log DISABLE TRIGGER USER;
INSERT INTO audit_log (actor, action, subject, details, seq, hash)
SELECT 'anna', (ARRAY['alert.acknowledge', 'rules.update', 'session.open'])[1 + n % 3], 'a' || n % 500, '{"note": "x"}',
    (SELECT seq FROM audit_chain) + n, md5(n::text)
FROM generate_series(1, 30000) AS n;
UPDATE audit_chain SET seq = (SELECT max(seq) FROM audit_log);
ALTER TABLE audit_log ENABLE TRIGGER USER;
