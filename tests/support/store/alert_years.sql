-- :amount alerts, one every 15.7 s from :begin on, the last :opened of them open: 5,000 devices of 150 sites, a thousand
-- kinds of faults.
INSERT INTO alerts (id, source_system, source_alert_id, device_ip, device_name, resource, severity, category,
    alert_type, impact, urgency, priority, title, message, status, occurred_at, received_at, acknowledged_at,
    acknowledged_by, resolved_at, resolved_by, assigned_to, tags, custom_fields, raw_data, fingerprint,
    occurrence_count, last_occurrence_at, transitions, impacted)
SELECT (lpad(to_hex((extract(epoch FROM made.at) * 1000)::bigint), 12, '0') || '7' || substr(made.hash, 1, 3) || '8' || substr(made.hash, 4, 15))::uuid,
    (ARRAY['traps', 'traps', 'traps', 'prtg', 'eaton', 'snmp-poll', 'webhook'])[1 + n % 7], '',
    '10.' || device / 65536 || '.' || device / 256 % 256 || '.' || device % 256,
    (ARRAY['switch', 'router', 'ups', 'camera', 'ap'])[1 + device % 5] || '-' || device || '.site' || device % 150 || '.example.net',
    'ifIndex=' || n % 52,
    (ARRAY['critical', 'major', 'major', 'minor', 'minor', 'warning', 'warning', 'warning', 'info', 'info'])[1 + kind % 10],
    (ARRAY['network', 'network', 'network', 'power', 'video', 'wireless', 'security', 'environment', 'compute', 'storage'])[1 + kind % 10],
    (ARRAY['network', 'network', 'network', 'power', 'video', 'wireless', 'security', 'environment', 'compute', 'storage'])[1 + kind % 10] || '_' || (ARRAY['link_down', 'fan_failed', 'on_battery', 'unreachable', 'temperature_high', 'auth_failed'])[1 + kind % 6],
    'low', 'high', 'P' || 1 + kind % 5,
    (ARRAY['Link Down', 'Fan failed', 'On battery', 'Unreachable', 'Temperature high', 'Authentication failed'])[1 + kind % 6] || ' - switch-' || device || ' ifIndex=' || n % 52,
    'ifIndex=' || n % 52 || ' ifDescr=GigabitEthernet0/' || n % 52 || ' ifAdminStatus=1 ifOperStatus=2 ifAlias=uplink to core' || CASE WHEN n % 5000 = 0 THEN ' ticket INC' || n ELSE '' END,
    CASE WHEN n > :amount - :opened THEN (ARRAY['active', 'active', 'acknowledged', 'suppressed'])[1 + n % 4] WHEN n % 12 = 0 THEN 'expired' ELSE 'resolved' END,
    made.at, made.at, CASE WHEN n % 3 = 0 THEN made.at + '5min'::interval END, CASE WHEN n % 3 = 0 THEN 'anna' END,
    CASE WHEN n <= :amount - :opened THEN made.at + (n % 500 || ' min')::interval END, CASE WHEN n <= :amount - :opened THEN 'source' END,
    CASE WHEN n % 40 = 0 THEN 'bernd' END, CASE WHEN n % 30 = 0 THEN ARRAY['core', 'tag' || n % 7] ELSE '{}' END, '{}',
    jsonb_build_object('version', 'v2c', 'trap', '1.3.6.1.6.3.1.1.5.3', 'varbinds', jsonb_build_object('1.3.6.1.2.1.2.2.1.1.7', n, '1.3.6.1.2.1.2.2.1.2.7', 'GigabitEthernet0/7', '1.3.6.1.2.1.31.1.1.1.18.7', 'uplink to core')),
    made.hash || made.hash, 1 + CASE WHEN n % 10 = 0 THEN n % 97 ELSE 0 END, made.at + '10min'::interval, ARRAY[made.at], CASE WHEN n % 200 = 0 THEN n % 37 ELSE 0 END
FROM (
    SELECT n, n * 7919::bigint % 5000 AS device, hashint4(n::int) & 1023 AS kind,
        ':begin'::timestamptz + n * '15.7s'::interval + (n * 31 % 40) * '1s'::interval AS at, md5(n::text) AS hash
    FROM generate_series(1, :amount) AS n
) AS made
